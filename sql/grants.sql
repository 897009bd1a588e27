-- Who may call what: the web server the API, and nobody else anything.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA dossier, dossier_lib, dossier_admin FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA dossier_lib, dossier_admin FROM dossier_app;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dossier TO dossier_app;
