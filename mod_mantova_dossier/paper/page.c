#include "paper/page.h"

#include <apr_tables.h>
#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <qrencode.h>

#include <string.h>

#define SMALLEST 6.0     /* points; what does not fit even so is cut with an ellipsis */
#define QUIET_ZONE 4     /* modules around a QR code (ISO/IEC 18004) */
#define CORNER 8.0       /* radius of a frame */
#define FIRST_ROOM 65536 /* bytes; a page takes about half */

struct dossier_page_t {
    apr_pool_t *pool;
    apr_array_header_t *bytes;
    cairo_surface_t *surface;
    cairo_t *cairo;
    PangoFontMap *fonts; /* its own: the library's is kept for each thread, for ever */
    PangoContext *context;
};

static cairo_status_t append(void *bytes, const unsigned char *data, unsigned int length)
{
    apr_array_header_t *array = bytes;

    for (unsigned int i = 0; i < length; i++) {
        APR_ARRAY_PUSH(array, unsigned char) = data[i];
    }
    return CAIRO_STATUS_SUCCESS;
}

static apr_status_t destroy(void *data)
{
    dossier_page_t *page = data;

    g_object_unref(page->context);
    g_object_unref(page->fonts);
    cairo_destroy(page->cairo);
    cairo_surface_destroy(page->surface);
    return APR_SUCCESS;
}

/* pango ends the process when there is none at all. */
static int has_font(PangoFontMap *fonts)
{
    PangoFontFamily **families;
    int count;

    pango_font_map_list_families(fonts, &families, &count);
    g_free(families);
    return count > 0;
}

dossier_page_t *dossier_page_begin(const char *title, const char *author, apr_pool_t *pool)
{
    PangoFontMap *fonts = pango_cairo_font_map_new();
    dossier_page_t *page;

    if (!has_font(fonts)) {
        g_object_unref(fonts);
        return NULL;
    }
    page = apr_pcalloc(pool, sizeof(*page));
    page->pool = pool;
    page->bytes = apr_array_make(pool, FIRST_ROOM, sizeof(unsigned char));
    page->surface = cairo_pdf_surface_create_for_stream(append, page->bytes, DOSSIER_PAGE_WIDTH,
                                                        DOSSIER_PAGE_HEIGHT);
    cairo_pdf_surface_set_metadata(page->surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(page->surface, CAIRO_PDF_METADATA_AUTHOR, author);
    page->cairo = cairo_create(page->surface);
    page->fonts = fonts;
    page->context = pango_font_map_create_context(fonts);
    pango_context_set_language(page->context, pango_language_from_string("it"));
    pango_cairo_update_context(page->cairo, page->context);
    apr_pool_cleanup_register(pool, page, destroy, apr_pool_cleanup_null);
    cairo_tag_begin(page->cairo, "Document", NULL); /* without it cairo tags nothing */
    return page;
}

void dossier_page_open(dossier_page_t *page, const char *tag)
{
    cairo_tag_begin(page->cairo, tag, NULL);
}

void dossier_page_close(dossier_page_t *page, const char *tag)
{
    cairo_tag_end(page->cairo, tag);
}

static double height_of(PangoLayout *layout)
{
    int width;
    int height;

    pango_layout_get_size(layout, &width, &height);
    return (double)height / PANGO_SCALE;
}

/* Takes a twentieth off the size until the text fits, or is as small as it may be. */
static void shrink_to_fit(PangoLayout *layout, const dossier_page_style_t *style, double height)
{
    PangoFontDescription *font = pango_font_description_from_string(style->font);

    for (double size = style->size;; size *= 0.95) {
        pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
        pango_layout_set_font_description(layout, font);
        if (height_of(layout) <= height) {
            break;
        }
        if (size < SMALLEST) {
            pango_layout_set_height(layout, (int)(height * PANGO_SCALE));
            pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
            break;
        }
    }
    pango_font_description_free(font);
}

double dossier_page_text(dossier_page_t *page, const dossier_page_style_t *style, const char *text,
                         const dossier_page_area_t *area)
{
    PangoLayout *layout = pango_layout_new(page->context);
    PangoAttrList *attributes = pango_attr_list_new();
    double height;

    /* a hyphen that is not in the name would become part of it */
    pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
    pango_layout_set_text(layout, text, -1);
    pango_layout_set_width(layout, (int)(area->width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_auto_dir(layout, FALSE); /* the page reads from the left, whatever the name */
    shrink_to_fit(layout, style, area->height);
    height = height_of(layout);
    cairo_tag_begin(page->cairo, style->tag, NULL);
    cairo_move_to(page->cairo, area->x, area->y);
    pango_cairo_show_layout(page->cairo, layout);
    cairo_tag_end(page->cairo, style->tag);
    g_object_unref(layout);
    return height;
}

void dossier_page_frame(dossier_page_t *page, const dossier_page_area_t *area)
{
    const double right = area->x + area->width - CORNER;
    const double bottom = area->y + area->height - CORNER;
    const double left = area->x + CORNER;
    const double top = area->y + CORNER;

    cairo_new_sub_path(page->cairo);
    cairo_arc(page->cairo, right, top, CORNER, -G_PI_2, 0);
    cairo_arc(page->cairo, right, bottom, CORNER, 0, G_PI_2);
    cairo_arc(page->cairo, left, bottom, CORNER, G_PI_2, G_PI);
    cairo_arc(page->cairo, left, top, CORNER, G_PI, -G_PI_2);
    cairo_close_path(page->cairo);
    cairo_set_line_width(page->cairo, 1.5);
    cairo_stroke(page->cairo);
}

/* Dark modules of a row that touch are one rectangle: no hair lines between them. */
static void draw_modules(cairo_t *cairo, const QRcode *code, double x, double y, double module)
{
    for (int row = 0; row < code->width; row++) {
        const unsigned char *cells = code->data + (apr_size_t)row * (apr_size_t)code->width;

        for (int column = 0; column < code->width; column++) {
            const int first = column;

            while (column < code->width && (cells[column] & 1)) {
                column++;
            }
            if (column > first) {
                cairo_rectangle(cairo, x + first * module, y + row * module,
                                (column - first) * module, module);
            }
        }
    }
    cairo_fill(cairo);
}

apr_status_t dossier_page_qr(dossier_page_t *page, const char *text,
                             const dossier_page_area_t *area)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_Q);
    double module;

    if (!code) {
        return APR_EINVAL;
    }
    module = area->width / (code->width + 2 * QUIET_ZONE);
    cairo_tag_begin(page->cairo, "Figure", NULL);
    draw_modules(page->cairo, code, area->x + QUIET_ZONE * module, area->y + QUIET_ZONE * module,
                 module);
    cairo_tag_end(page->cairo, "Figure");
    QRcode_free(code);
    return APR_SUCCESS;
}

apr_status_t dossier_page_finish(const char **bytes, apr_size_t *length, dossier_page_t *page)
{
    cairo_status_t status;

    cairo_tag_end(page->cairo, "Document");
    cairo_show_page(page->cairo);
    status = cairo_status(page->cairo);
    cairo_surface_finish(page->surface);
    if (status == CAIRO_STATUS_SUCCESS) {
        status = cairo_surface_status(page->surface);
    }
    *bytes = page->bytes->elts;
    *length = (apr_size_t)page->bytes->nelts;
    apr_pool_cleanup_run(page->pool, page, destroy);
    return status == CAIRO_STATUS_SUCCESS ? APR_SUCCESS : APR_EGENERAL;
}
