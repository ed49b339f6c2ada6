"""Networks whose visualizations say what somebody wants them to say."""
