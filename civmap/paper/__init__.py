"""The wall map (挂图): a sheet of paper from A4 to A0, or an atlas, as a vector PDF.

`sizes`, `frames`, `scales`, `flow`, `labels`, `tallies` and `atlas` are plain arithmetic in millimetres; `ground` asks
the city for its streets and houses; `ink`, `symbols`, `painting` and `picture` draw SVG; `sheet` fills the templates;
`press` alone knows WeasyPrint and runs in a process of its own; `jobs` and `runner` are the queue in the data folder.
"""
