#include "paper/slip.h"

#include <apr_strings.h>

#include "paper/page.h"

#define TITLE "Modulo per il ritiro referti"
#define MARGIN 54.0
#define WIDTH (DOSSIER_PAGE_WIDTH - 2 * MARGIN)
#define QR_SIZE 158.0
#define INDENT 30.0

static const dossier_page_style_t h1 = {"H1", "DejaVu Sans Bold", 27};
static const dossier_page_style_t h2 = {"H2", "DejaVu Sans Bold", 18};
static const dossier_page_style_t facility = {"P", "DejaVu Sans Bold", 15};
static const dossier_page_style_t lead = {"P", "DejaVu Sans", 15};
static const dossier_page_style_t label = {"P", "DejaVu Sans", 13};
static const dossier_page_style_t value = {"P", "DejaVu Sans Bold", 20};
static const dossier_page_style_t code = {"P", "DejaVu Sans Mono Bold", 28};
static const dossier_page_style_t number = {"Lbl", "DejaVu Sans Bold", 15};
static const dossier_page_style_t step = {"LBody", "DejaVu Sans", 15};
static const dossier_page_style_t help = {"P", "DejaVu Sans", 13};
static const dossier_page_style_t desk = {"P", "DejaVu Sans Bold", 13};

/* Where on the page the next text goes. */
typedef struct {
    dossier_page_t *page;
    double y;
} cursor_t;

/* A text over the width of the page, at most `height` high; then a gap. */
static void put(cursor_t *cursor, const dossier_page_style_t *style, const char *text,
                double height, double gap)
{
    const dossier_page_area_t area = {MARGIN, cursor->y, WIDTH, height};

    cursor->y += dossier_page_text(cursor->page, style, text, &area) + gap;
}

static void put_person(cursor_t *cursor, const dossier_slip_t *slip)
{
    put(cursor, &label, "Referti di", 20, 1);
    put(cursor, &value, slip->person, 56, 8);
    put(cursor, &label, "Cellulare dato all’accettazione", 20, 1);
    put(cursor, &value, slip->mobile, 28, 14);
}

/* Code and QR code side by side, framed: what one looks for on this page. */
static apr_status_t put_code(cursor_t *cursor, const dossier_slip_t *slip, apr_pool_t *pool)
{
    const dossier_page_area_t frame = {MARGIN, cursor->y, WIDTH, QR_SIZE};
    const dossier_page_area_t qr = {MARGIN + WIDTH - QR_SIZE, cursor->y, QR_SIZE, QR_SIZE};
    dossier_page_area_t text = {MARGIN + 14, cursor->y + 16, WIDTH - QR_SIZE - 18, 24};
    const char *expires = apr_psprintf(pool, "Vale una volta sola, fino %s.", slip->expires);

    dossier_page_frame(cursor->page, &frame);
    text.y += dossier_page_text(cursor->page, &lead, "Codice di attivazione", &text) + 12;
    text.height = 42;
    text.y += dossier_page_text(cursor->page, &code, slip->code, &text) + 14;
    text.height = 60;
    dossier_page_text(cursor->page, &lead, expires, &text);
    cursor->y += QR_SIZE + 18;
    return dossier_page_qr(cursor->page, slip->link, &qr);
}

static void put_step(cursor_t *cursor, int count, const char *text, apr_pool_t *pool)
{
    const dossier_page_area_t left = {MARGIN, cursor->y, INDENT, 20};
    const dossier_page_area_t right = {MARGIN + INDENT, cursor->y, WIDTH - INDENT, 76};

    dossier_page_open(cursor->page, "LI");
    dossier_page_text(cursor->page, &number, apr_psprintf(pool, "%d.", count), &left);
    cursor->y += dossier_page_text(cursor->page, &step, text, &right) + 7;
    dossier_page_close(cursor->page, "LI");
}

/* The guide's chapters, in the words the pages use. */
static void put_steps(cursor_t *cursor, const dossier_slip_t *slip, apr_pool_t *pool)
{
    const char *steps[] = {
        apr_pstrcat(
            pool,
            "Inquadri il codice QR qui sopra con la fotocamera del telefono, oppure apra in "
            "Internet ",
            slip->portal_url, NULL),
        "Si registri: legga l’informativa, inserisca i Suoi dati e scelga una password. Al "
        "cellulare indicato sopra arriva un SMS con un codice di sei cifre: lo scriva.",
        "Attivi il fascicolo: inserisca il codice fiscale e il codice di attivazione di questo "
        "foglio.",
        apr_psprintf(
            pool,
            "Quando un referto è pronto La avvisiamo con un SMS. Può leggerlo e scaricarlo "
            "per %d giorni, poi deve ritirarlo allo sportello.",
            slip->retention_days),
    };

    put(cursor, &h2, "Che cosa deve fare", 26, 8);
    dossier_page_open(cursor->page, "L");
    for (int i = 0; i < (int)(sizeof(steps) / sizeof(steps[0])); i++) {
        put_step(cursor, i + 1, steps[i], pool);
    }
    dossier_page_close(cursor->page, "L");
}

static void put_help(cursor_t *cursor, const dossier_slip_t *slip, apr_pool_t *pool)
{
    cursor->y += 5;
    put(cursor, &help,
        "Per un familiare: acceda con il Suo account, lo aggiunga in «Il mio profilo» e attivi il "
        "suo fascicolo allo stesso modo, con il suo modulo.",
        50, 6);
    put(cursor, &help,
        "Non dia questo foglio ad altri. Se lo perde, chieda allo sportello un nuovo codice: "
        "quello "
        "vecchio non vale più.",
        50, 6);
    if (slip->desk) {
        put(cursor, &desk, dossier_desk_line(slip->desk, 0, pool), 50, 0);
    }
}

apr_status_t dossier_slip_draw(const char **pdf, apr_size_t *length, const dossier_slip_t *slip,
                               apr_pool_t *pool)
{
    cursor_t cursor = {dossier_page_begin(TITLE, slip->facility, pool), MARGIN};
    apr_status_t drawn;
    apr_status_t finished;

    if (!cursor.page) {
        return APR_ENOENT;
    }
    put(&cursor, &facility, slip->facility, 36, 6);
    put(&cursor, &h1, TITLE, 40, 8);
    put(&cursor, &lead, "I Suoi referti, da casa: senza tornare allo sportello.", 24, 16);
    put_person(&cursor, slip);
    drawn = put_code(&cursor, slip, pool);
    put_steps(&cursor, slip, pool);
    put_help(&cursor, slip, pool);
    finished = dossier_page_finish(pdf, length, cursor.page);
    return drawn != APR_SUCCESS ? drawn : finished;
}
