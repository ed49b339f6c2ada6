"""Networks: where they come from, their layers and units, and looking into them."""
