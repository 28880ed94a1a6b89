"""A simulated AWS account on loopback: moto's server behind a thin layer that is honest about what moto lacks."""
