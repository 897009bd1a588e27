# shellcheck shell=bash
# The hospitals and clinics.

offer "facility list" "" <<'TEXT'
The facilities: id and name.

Answers: facilities, each with id, name, created_at.
TEXT
facility_list()
{
    many facilities 'SELECT * FROM dossier_admin.facilities()'
}

offer "facility add" "ID NAME" <<'TEXT'
Registers a facility, or gives one another name.

ID is what hospital systems send and DossierFacility names, for example san-pellegrino; NAME is what patients read.
Answers: id, name.
TEXT
facility_add()
{
    done_with "format('%s: %s', id, name)" "SELECT :'id' AS id, :'name' AS name FROM dossier_admin.facility_put(:'id', :'name')" \
        -v id="${WORDS[0]}" -v name="${WORDS[1]}"
}
