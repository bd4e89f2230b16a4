"""A stand-in for mlx-openai-server 1.8.1, which installs on Apple silicon alone: its two modules that our launcher
imports, with its names, its defaults and its answers, and without a model."""
