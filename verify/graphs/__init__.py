"""Networks as graphs of linear operations and ReLUs: convolutions stay convolutions, whatever their size."""
