"""Infrastructure as code for Model Context Protocol configuration."""

__version__ = "0.1.0"
