"""A network of edges serves shortest paths and knows its unconnected pieces."""

import numpy as np
import pytest
from scipy.sparse.csgraph import dijkstra

from civmap.geo import network


def test_lines_are_cut_at_their_ends_and_wherever_a_node_is_shared():
    lines = [np.array([1, 2, 3, 4]), np.array([9, 3, 8]), np.array([5, 6, 7, 5])]
    assert [cut.tolist() for cut in network.breaks(lines)] == [[0, 2, 3], [0, 1, 2], [0, 3]]
    assert network.breaks([]) == []


def test_a_oneway_edge_is_closed_to_cars_backwards_and_open_on_foot():
    graph, keys = network.of_edges(["a", "b"], ["b", "c"], [100.0, 50.0], [True, False])
    a, c = keys.index("a"), keys.index("c")
    by_car, on_foot = graph.matrix(), graph.matrix(obeys_oneway=False)
    assert dijkstra(by_car, indices=a)[c] == 150.0
    assert np.isinf(dijkstra(by_car, indices=c)[a])
    assert dijkstra(on_foot, indices=c)[a] == 150.0


def test_of_two_edges_between_the_same_nodes_the_shorter_counts_and_they_are_not_added_up():
    graph, _ = network.of_edges([1, 1, 2], [2, 2, 1], [30.0, 20.0, 40.0], [False, False, False])
    assert dijkstra(graph.matrix(), indices=0)[1] == 20.0


def test_an_edge_of_no_length_still_connects():
    graph, _ = network.of_edges([1], [2], [0.0], [False])
    assert dijkstra(graph.matrix(), indices=0)[1] == pytest.approx(0.0, abs=0.01)
    assert graph.pieces()[0] == 1


def test_edges_closed_to_the_traveller_are_left_out_and_pieces_are_told():
    graph, _ = network.of_edges([1, 2, 7], [2, 3, 8], [1.0, 1.0, 1.0], [False] * 3)
    count, piece = graph.pieces()
    assert count == 2
    assert len(piece) == 5
    assert np.isinf(dijkstra(graph.matrix(np.array([True, False, True])), indices=0)[2])
