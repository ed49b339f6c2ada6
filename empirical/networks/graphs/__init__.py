"""Networks from ONNX files, as torch modules: an operator of torch for each node, under the names of the nodes."""
