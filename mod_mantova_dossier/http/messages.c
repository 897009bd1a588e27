/* The sentences behind field error and warning codes. */
#include <apr_strings.h>

#include <string.h>

#include "http/exchange.h"

typedef struct {
    const char *code;
    const char *it;
    const char *en;
} message_t;

/* clang-format off */
static const message_t messages[] = {
    /* base/fields.h */
    {"unknown", "Questo campo non esiste.", "There is no such field."},
    {"repeated", "Questo campo è indicato più di una volta.", "This field is given more than once."},
    {"json", "Questa parte deve essere un solo oggetto JSON in UTF-8.", "This part must be one JSON object in UTF-8."},
    {"required", "Questo campo è obbligatorio.", "This field is required."},
    {"type", "Il valore è di un altro tipo.", "The value is of another type."},
    {"empty", "Il valore non può essere vuoto.", "The value must not be empty."},
    {"characters", "Il valore contiene caratteri non ammessi.", "The value contains characters that are not allowed."},
    /* codice fiscale and activation code */
    {"length", "Il codice fiscale ha 16 caratteri (11 se provvisorio).", "A codice fiscale has 16 characters (11 if provisional)."},
    {"structure", "Lettere e cifre non sono al posto giusto: controlli il codice.", "Letters and digits are not where they should be: check the code."},
    {"date", "La data non esiste o non è possibile.", "The date does not exist or is not possible."},
    {"check_character", "L'ultimo carattere non torna: controlli se c'è un errore di battitura.", "The last character does not fit: check for a typing mistake."},
    /* contacts */
    {"mobile", "Non è un numero di cellulare: lo scriva come 333 1234567 o +39 333 1234567.", "Not a mobile number: write it like 333 1234567 or +39 333 1234567."},
    {"email", "Non è un indirizzo e-mail: lo scriva come nome@esempio.it.", "Not an e-mail address: write it like name@example.org."},
    /* passwords */
    {"too_short", "La password deve avere almeno 12 caratteri.", "The password must have at least 12 characters."},
    {"common", "Questa password è troppo comune: provi con alcune parole a caso.", "This password is too common: try a few random words."},
    {"personal", "La password contiene i Suoi dati: ne scelga un'altra.", "The password contains your own data: choose another."},
    /* forms */
    {"consent", "Per continuare serve il consenso all'informativa.", "Your consent to the notice is needed to go on."},
    {"date_form", "Scriva la data così: 1980-12-31.", "Write the date like this: 1980-12-31."},
    {"time_form", "Scriva data, ora e fuso così: 2026-11-24T09:00:00+01:00 (RFC 3339).", "Write date, time and offset like this: 2026-11-24T09:00:00+01:00 (RFC 3339)."},
    {"date_future", "La data è nel futuro.", "The date is in the future."},
    {"date_past", "La data è troppo lontana nel passato.", "The date is too far in the past."},
    {"date_far", "La data è troppo lontana nel futuro.", "The date is too far in the future."},
    {"choice", "Il valore non è tra quelli ammessi.", "The value is not among those allowed."},
    {"minor", "Un minorenne non può registrarsi da solo: chi ne è responsabile lo aggiunge come familiare dal proprio account.", "A minor cannot register alone: whoever is responsible adds them as a relative to their own account."},
    {"role_age", "Il ruolo non si accorda con l'età: genitore solo di un minorenne, delegato solo di un adulto.", "The role does not fit the age: parent of a minor only, delegate of an adult only."},
    {"verification_code", "Il codice ha sei cifre.", "The code has six digits."},
    {"identifier", "Da 1 a 64 caratteri tra lettere, cifre e . _ : ~ -", "1 to 64 characters of letters, digits and . _ : ~ -"},
    {"range", "Il numero è fuori dai limiti.", "The number is out of range."},
    {"order", "La parte \"metadata\" deve venire prima della parte \"file\".", "The part \"metadata\" must come before the part \"file\"."},
    /* base/multipart.h, and the parts of a document */
    {"boundary_missing", "Il Content-Type non indica il boundary: multipart/form-data; boundary=…", "Content-Type names no boundary: multipart/form-data; boundary=…"},
    {"boundary_long", "Il boundary ha più di 70 caratteri (RFC 2046).", "The boundary has more than 70 characters (RFC 2046)."},
    {"boundary_characters", "Il Content-Type è malformato: il boundary, detto una volta sola, è di lettere, cifre e '()+_,-./:=? e, se serve, tra virgolette.", "Content-Type is malformed: the boundary, said once, is of letters, digits and '()+_,-./:=? and in quotes where needed."},
    {"boundary_absent", "Nessuna riga del corpo comincia con il boundary indicato nel Content-Type.", "No line of the body begins with the boundary that Content-Type names."},
    {"boundary_line", "Dopo il boundary, sulla stessa riga, c'è altro testo.", "More text follows a boundary on its line."},
    {"line_ends", "Le righe di boundary e intestazioni devono finire con CR LF, non solo con LF.", "The lines of boundaries and part headers must end in CR LF, not in LF alone."},
    {"part_headers", "Le intestazioni di una parte sono malformate o superano 8 KiB.", "The headers of a part are malformed or exceed 8 KiB."},
    {"header_repeated", "Una parte ha due volte la stessa intestazione.", "A part has the same header twice."},
    {"transfer_encoding", "Una parte ha Content-Transfer-Encoding base64 o simile: la invii binaria, così com'è (RFC 7578).", "A part has Content-Transfer-Encoding base64 or the like: send it binary, as it is (RFC 7578)."},
    {"disposition", "Il Content-Disposition di una parte è malformato: controlli le virgolette di name e filename (una virgoletta nel nome si scrive \\\").", "The Content-Disposition of a part is malformed: check the quotes of name and filename (a quote within is written \\\")."},
    {"parts_many", "Ci sono troppe parti: servono \"metadata\" e \"file\".", "There are too many parts: \"metadata\" and \"file\" are wanted."},
    {"part_name", "Una parte non ha nome: Content-Disposition: form-data; name=\"metadata\" o \"file\".", "A part has no name: Content-Disposition: form-data; name=\"metadata\" or \"file\"."},
    {"part_repeated", "Una parte, \"metadata\" o \"file\", c'è due volte.", "A part, \"metadata\" or \"file\", is there twice."},
    {"cut_off", "Il corpo è troncato: manca il boundary di chiusura. Lo invii di nuovo per intero.", "The body is cut off: the closing boundary is missing. Send it again, whole."},
    {"content_type_json", "Questo indirizzo accetta JSON: Content-Type: application/json.", "This address takes JSON: Content-Type: application/json."},
    {"content_type_multipart", "Questo indirizzo accetta le parti di un modulo: Content-Type: multipart/form-data; boundary=…", "This address takes the parts of a form: Content-Type: multipart/form-data; boundary=…"},
    {"content_encoding", "Invii il corpo così com'è, senza Content-Encoding (gzip o altro).", "Send the body as it is, without Content-Encoding (gzip or other)."},
    /* what arrives of a document */
    {"incomplete", "Il file è troncato: manca la fine. Lo invii di nuovo per intero.", "The file is cut off: its end is missing. Send it again, whole."},
    {"damaged", "Il file è danneggiato: non si può aprire. Lo invii di nuovo.", "The file is damaged and cannot be opened. Send it again."},
    {"no_content", "È una firma senza il documento firmato (detached): invii il .p7m che lo contiene.", "This is a signature without the signed document (detached): send the .p7m that holds it."},
    {"digest", "L'impronta non corrisponde: è arrivato qualcosa di diverso da ciò che è stato inviato. Lo invii di nuovo.", "The digest does not match: what arrived is not what was sent. Send it again."},
    {"digest_form", "L'impronta non si può leggere: 64 cifre esadecimali nei metadati, sha-256=:base64: nell'intestazione.", "The digest cannot be read: 64 hex digits in the metadata, sha-256=:base64: in the header."},
    {"digest_algorithm", "Nessuna impronta che si possa verificare: usi sha-256 o sha-512.", "No digest that could be checked: use sha-256 or sha-512."},
    {"condition_form", "La condizione non si può leggere: * oppure ETag tra virgolette, per esempio \"0a1b\".", "The condition cannot be read: * or ETags in quotes, for instance \"0a1b\"."},
    /* warnings: the codice fiscale against the data beside it */
    {"last_name", "Il cognome non corrisponde al codice fiscale.", "The last name does not agree with the codice fiscale."},
    {"first_name", "Il nome non corrisponde al codice fiscale.", "The first name does not agree with the codice fiscale."},
    {"birth_date", "La data di nascita non corrisponde al codice fiscale.", "The birth date does not agree with the codice fiscale."},
    {"sex", "Il sesso non corrisponde al codice fiscale.", "The sex does not agree with the codice fiscale."},
};
/* clang-format on */

const char *dossier_message(const char *language, const char *code)
{
    int english = !strcmp(language, "en");

    for (apr_size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (!strcmp(messages[i].code, code)) {
            return english ? messages[i].en : messages[i].it;
        }
    }
    return english ? "The value is not valid." : "Il valore non è valido.";
}

const char *dossier_message_of(const char *language, const dossier_field_error_t *error,
                               apr_pool_t *pool)
{
    if (!error->max) {
        return dossier_message(language, error->code);
    }
    return apr_psprintf(pool,
                        !strcmp(language, "en")
                            ? "The value is too long (characters allowed: %" APR_SIZE_T_FMT ")."
                            : "Il valore è troppo lungo (caratteri ammessi: %" APR_SIZE_T_FMT ").",
                        error->max);
}
