"""The viewer of films, and what is recommended to one: computed by the deployed model, never by SQL."""

from .base import EntityDefinition, FeatureDefinition, Type, ViewDefinition

VIEWER = EntityDefinition("viewer", ("viewer_id",), "Someone who rated films (MovieLens 100k)")

VIEWER_RECOMMENDATIONS = ViewDefinition(
    name="viewer_recommendations",
    entity=VIEWER,
    owner="recommendations",
    description="The ten films that the deployed model recommends, best first",
    features=(
        FeatureDefinition("film_ids", Type.VECTOR, "The films' ids (whole numbers)"),
        FeatureDefinition("titles", Type.STRING, "Their titles, one a line"),
        FeatureDefinition("scores", Type.VECTOR, "What speaks for each film"),
        FeatureDefinition("because_ids", Type.VECTOR, "Which film of the viewer speaks most for each"),
        FeatureDefinition("model_version", Type.INT, "The version of the registered model"),
    ),
)
