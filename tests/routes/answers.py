"""What every route answers to every role, one line a method.

A route that is not here fails the test, and so does a method that the route takes and that is not here.
In the API each role sends its token; everywhere else it is logged in with a cookie, so ``cookie`` (the
administrator's cookie without a token) is asked of the API alone, and the three tokens, of people who
may do everything, must open nothing elsewhere.
"""

ROLES = (
    "anonymous", "expired token", "revoked token", "cookie", "reading token",
    "viewer", "editor", "manager", "stranger", "staff", "administrator",
)  # fmt: skip

# anonymous, expired, revoked, cookie, reading, viewer, editor, manager, stranger, staff, administrator
API = {
    "POST api:experiments": "401 401 401 401 403 201 201 201 201 201 201",
    "GET api:experiment": "401 401 401 401 200 200 200 200 404 200 200",
    "GET api:permissions": "401 401 401 401 403 403 403 200 404 403 200",
    "PUT api:permission": "401 401 401 401 403 403 403 200 404 403 200",
    "DELETE api:permission": "401 401 401 401 403 403 403 204 404 403 204",
    "POST api:runs": "401 401 401 401 403 403 201 201 404 403 201",
    "GET api:run": "401 401 401 401 200 200 200 200 404 200 200",
    "PATCH api:run": "401 401 401 401 403 403 200 200 404 403 200",
    "DELETE api:run": "401 401 401 401 403 403 200 200 404 403 200",
    "GET features:run-complete": "401 401 401 401 200 200 200 200 404 200 200",
    "GET features:prediction-why": "401 401 401 401 400 400 400 400 404 400 400",
    "POST serving:predict": "401 401 401 401 200 200 200 200 404 200 200",
    "POST serving:get-online-features": "401 401 401 401 200 200 200 200 200 200 200",
    # who may add feature values in the admin
    "POST serving:push": "401 401 401 401 403 403 403 403 403 403 200",
    "POST serving:write-to-online-store": "401 401 401 401 403 403 403 403 403 403 200",
    "POST features:run-heartbeat": "401 401 401 401 403 403 200 200 404 403 200",
    "POST api:run-end": "401 401 401 401 403 403 200 200 404 403 200",
    "POST api:run-resume": "401 401 401 401 403 403 200 200 404 403 200",
    "POST api:run-restore": "401 401 401 401 403 403 200 200 404 403 200",
    "POST api:run-metrics": "401 401 401 401 403 403 200 200 404 403 200",
    "POST api:run-epochs": "401 401 401 401 403 403 200 200 404 403 200",
    "POST api:run-notes": "401 401 401 401 403 403 201 201 404 403 201",
    "GET api:artifact": "401 401 401 401 200 200 200 200 404 200 200",
    "PUT api:artifact": "401 401 401 401 403 403 201 201 404 403 201",
    "POST api:datasets": "401 401 401 401 403 201 201 201 201 201 201",
    "POST api:models": "401 401 401 401 403 201 201 201 201 201 201",
    "POST api:model-versions": "401 401 401 401 403 403 201 201 404 403 201",
    "PUT api:model-alias": "401 401 401 401 403 403 200 200 404 403 200",
    "GET api:tokens": "401 401 401 401 403 200 200 200 200 200 200",
    "POST api:tokens": "401 401 401 401 403 201 201 201 201 201 201",
    "DELETE api:token": "401 401 401 401 403 204 204 204 204 204 204",
    "POST api:run-purge": "401 401 401 401 403 403 403 202 404 403 202",
    "POST api:experiment-purge": "401 401 401 401 403 403 403 202 404 403 202",
    # the dataset's creator alone, and the administrator
    "POST api:dataset-purge": "401 401 401 401 403 403 403 403 403 403 202",
    "POST api:deployments": "401 401 401 401 403 403 202 202 404 403 202",
    # whoever began it (the manager did, so the manager's token for reading shows it), and the administrator
    "GET api:saga": "401 401 401 401 200 404 404 200 404 404 200",
    "GET api:nowhere": "401 401 401 401 404 404 404 404 404 404 404",
}

PAGES = {
    "GET mlflow:health": "200 200 200 - 200 200 200 200 200 200 200",
    "POST mlflow:health": "405 405 405 - 405 405 405 405 405 405 405",
    "GET mlflow:version": "200 200 200 - 200 200 200 200 200 200 200",
    "POST mlflow:version": "405 405 405 - 405 405 405 405 405 405 405",
    "GET livez": "200 200 200 - 200 200 200 200 200 200 200",
    "POST livez": "405 405 405 - 405 405 405 405 405 405 405",
    "GET readyz": "200 200 200 - 200 200 200 200 200 200 200",
    "POST readyz": "405 405 405 - 405 405 405 405 405 405 405",
    "GET login": "200 200 200 - 200 200 200 200 200 200 200",
    "POST login": "200 200 200 - 200 200 200 200 200 200 200",
    "GET logout": "302 302 302 - 302 405 405 405 405 405 405",
    "POST logout": "302 302 302 - 302 302 302 302 302 302 302",
    "GET analysis:store-overview": "302 302 302 - 302 200 200 200 200 200 200",
    "POST analysis:store-overview": "302 302 302 - 302 405 405 405 405 405 405",
    "GET analysis:feature-lookup": "302 302 302 - 302 200 200 200 200 200 200",
    "POST analysis:feature-lookup": "302 302 302 - 302 405 405 405 405 405 405",
    "GET analysis:prediction-why": "302 302 302 - 302 200 200 200 404 200 200",
    "POST analysis:prediction-why": "302 302 302 - 302 405 405 405 405 405 405",
    "GET analysis:run-list": "302 302 302 - 302 200 200 200 200 200 200",
    "POST analysis:run-list": "302 302 302 - 302 405 405 405 405 405 405",
    "GET analysis:windows": "302 302 302 - 302 200 200 200 200 200 200",
    "POST analysis:windows": "302 302 302 - 302 405 405 405 405 405 405",
    "GET analysis:leaderboard": "302 302 302 - 302 200 200 200 200 200 200",
    "POST analysis:leaderboard": "302 302 302 - 302 405 405 405 405 405 405",
    "GET analysis:run-detail": "302 302 302 - 302 200 200 200 404 200 200",
    "POST analysis:run-detail": "302 302 302 - 302 405 405 405 405 405 405",
    "GET analysis:leaderboard-live": "302 302 302 - 302 200 200 200 200 200 200",
    "POST analysis:leaderboard-live": "302 302 302 - 302 405 405 405 405 405 405",
    "GET analysis:workers": "302 302 302 - 302 200 200 200 200 200 200",
    "POST analysis:workers": "302 302 302 - 302 405 405 405 405 405 405",
    "GET analysis:workers-live": "302 302 302 - 302 200 200 200 200 200 200",
    "POST analysis:workers-live": "302 302 302 - 302 405 405 405 405 405 405",
    "GET analysis:run-live": "302 302 302 - 302 200 200 200 404 200 200",
    "POST analysis:run-live": "302 302 302 - 302 405 405 405 405 405 405",
    "GET analysis:run-artifact": "302 302 302 - 302 200 200 200 404 200 200",
    "POST analysis:run-artifact": "302 302 302 - 302 405 405 405 405 405 405",
    # The admin sends everyone who is not staff to its login.
    "GET admin:index": "302 302 302 - 302 302 302 302 302 200 200",
    "POST admin:index": "302 302 302 - 302 302 302 302 302 200 200",
    "GET admin:login": "200 200 200 - 200 200 200 200 200 302 302",
    "POST admin:login": "200 200 200 - 200 200 200 200 200 200 200",
    "GET admin:logout": "302 302 302 - 302 302 302 302 302 405 405",
    "POST admin:logout": "302 302 302 - 302 302 302 302 302 302 302",
    "GET admin:password_change": "302 302 302 - 302 302 302 302 302 200 200",
    "POST admin:password_change": "302 302 302 - 302 302 302 302 302 200 200",
    "GET admin:password_change_done": "302 302 302 - 302 302 302 302 302 200 200",
    "POST admin:password_change_done": "302 302 302 - 302 302 302 302 302 405 405",
    "GET admin:autocomplete": "302 302 302 - 302 302 302 302 302 403 403",
    "POST admin:autocomplete": "302 302 302 - 302 302 302 302 302 405 405",
    "GET admin:jsi18n": "302 302 302 - 302 302 302 302 302 200 200",
    "POST admin:jsi18n": "302 302 302 - 302 302 302 302 302 405 405",
    "GET admin:view_on_site": "302 302 302 - 302 302 302 302 302 404 404",
    "POST admin:view_on_site": "302 302 302 - 302 302 302 302 302 404 404",
    "GET admin:app_list": "302 302 302 - 302 302 302 302 302 404 200",
    "POST admin:app_list": "302 302 302 - 302 302 302 302 302 404 200",
    "GET admin/(?P<url>.*)$": "302 302 302 - 302 302 302 302 302 404 404",
    "POST admin/(?P<url>.*)$": "302 302 302 - 302 302 302 302 302 404 404",
    "GET admin:registry_metric_points": "302 302 302 - 302 302 302 302 302 403 200",
    "POST admin:registry_metric_points": "302 302 302 - 302 302 302 302 302 403 200",
    "GET admin:registry_reconcilereport_run": "302 302 302 - 302 302 302 302 302 403 405",
    "POST admin:registry_reconcilereport_run": "302 302 302 - 302 302 302 302 302 403 302",
    "GET admin:auth_user_password_change": "302 302 302 - 302 302 302 302 302 403 200",
    "POST admin:auth_user_password_change": "302 302 302 - 302 302 302 302 302 403 200",
}

# How much of a model's rows the admin lets people change; every model is here.
ADMIN_MODELS = {
    "registry_modelconfigdocument": "document",
    "registry_experimentdocument": "document",
    "registry_rundocument": "document",
    "registry_eventdocument": "document",
    "registry_experiment": "described",
    "registry_dataset": "described",
    "registry_registeredmodel": "described",
    "registry_metric": "history",
    "registry_apitoken": "history",
    "registry_outboxentry": "history",
    "registry_saga": "history",
    "registry_auditentry": "history",
    "registry_reconcilereport": "history",
    "registry_modelversion": "history",
    "registry_deployment": "history",
    "registry_trainingrun": "history",
    "registry_artifact": "history",
    "registry_loggedmodel": "history",
    "features_purchase": "history",
    "features_materialization": "history",
    "registry_experimentpermission": "editable",
    "features_customer": "editable",
    "features_address": "editable",
    "features_city": "editable",
    "features_country": "editable",
    "features_entity": "editable",
    "features_featureview": "editable",
    "auth_group": "editable",
    "auth_user": "editable",
}
NOT_STAFF = "302 302 302 - 302 302 302 302 302"
# Staff without rights, then the administrator; nobody else gets past the login (NOT_STAFF).
ADMIN = {
    "document": {
        "GET changelist": "403 200", "POST changelist": "403 200",
        "GET change": "403 404", "POST change": "403 404",
        "GET json": "403 404", "POST json": "403 404",
    },
    "history": {
        "GET changelist": "403 200", "POST changelist": "403 200",
        "GET add": "403 403", "POST add": "403 403",
        "GET history": "403 200", "POST history": "403 200",
        "GET delete": "403 403", "POST delete": "403 403",
        "GET change": "403 200", "POST change": "403 403",
    },
    "described": {
        "GET changelist": "403 200", "POST changelist": "403 200",
        "GET add": "403 403", "POST add": "403 403",
        "GET history": "403 200", "POST history": "403 200",
        "GET delete": "403 403", "POST delete": "403 403",
        "GET change": "403 200", "POST change": "403 200",
    },
    "editable": {
        "GET changelist": "403 200", "POST changelist": "403 200",
        "GET add": "403 200", "POST add": "403 200",
        "GET history": "403 200", "POST history": "403 200",
        "GET delete": "403 200", "POST delete": "403 200",
        "GET change": "403 200", "POST change": "403 200",
    },
}  # fmt: skip
# Where one model answers otherwise, and why.
EXCEPTIONS = {
    # an empty form is complete: only the description may be changed, and it may be empty
    "POST admin:registry_dataset_change": "403 302",
    # of an entity that has views the same holds, and a version that serves is not deleted
    "POST admin:features_entity_change": "403 302",
    "GET admin:features_featureview_delete": "403 403",
    "POST admin:features_featureview_delete": "403 403",
    # rows of experiments that one does not manage do not exist, and Django leads from those to the index
    "GET admin:registry_experimentpermission_history": "302 200",
    "POST admin:registry_experimentpermission_history": "302 200",
}
