"""A stand-in for the one package that only Colab has."""
