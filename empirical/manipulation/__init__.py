"""Manipulations: networks whose visualizations say what somebody wants them to say."""
