"""A public protocol for methods that make visualizations: one set of networks, units, images and measurements."""
