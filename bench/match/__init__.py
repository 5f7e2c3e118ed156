"""Two made-up populations whose truth is known, to measure how well `syncd.matching` judges."""
