"""ANALYSIS.md: matrix, results and trade-offs as one document that follows the recorded figures."""
