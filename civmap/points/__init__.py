"""Inspection points (点位): the places that assessors visit."""
