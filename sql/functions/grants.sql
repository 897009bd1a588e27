-- Applied behind the other functions whenever one of them has changed.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA dossier, dossier_data, dossier_admin FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA dossier_data, dossier_admin FROM dossier_app;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dossier TO dossier_app;
