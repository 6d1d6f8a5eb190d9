"""The methods: formulas by family, and the catalogue that knows all there is to know of each."""
