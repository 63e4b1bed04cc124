"""Routes: a round of visits planned over streets, by how many teams and in which order, changed and walked."""
