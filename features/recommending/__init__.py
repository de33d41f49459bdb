"""What a viewer may like next, learnt from MovieLens 100k (docs/recommendations.md)."""
