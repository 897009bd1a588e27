/*
 * One A4 page of a PDF: tagged text, frames and a QR code. Lengths are points, from the upper left
 * corner. Text is taken as it is, in UTF-8: no character of it means anything but itself.
 * cairo, pango and qrencode appear in page.c and nowhere else. Nothing is shared between pages, so
 * that threads may draw at once.
 */
#ifndef DOSSIER_PAPER_PAGE_H
#define DOSSIER_PAPER_PAGE_H

#include <apr_pools.h>

#define DOSSIER_PAGE_WIDTH 595.28
#define DOSSIER_PAGE_HEIGHT 841.89

typedef struct dossier_page_t dossier_page_t;

typedef struct {
    const char *tag;  /* of the PDF's structure: "H1", "H2", "P", "Lbl", "LBody" */
    const char *font; /* as pango names it, without a size: "DejaVu Sans Bold" */
    double size;
} dossier_page_style_t;

typedef struct {
    double x;
    double y;
    double width;
    double height;
} dossier_page_area_t;

/* NULL: this machine has no font. The title is what a reader's window shows. */
dossier_page_t *dossier_page_begin(const char *title, const char *author, apr_pool_t *pool);

/* Opens and closes an element around others: "L", "LI", "Sect". */
void dossier_page_open(dossier_page_t *page, const char *tag);
void dossier_page_close(dossier_page_t *page, const char *tag);

/* Broken into lines; smaller than the style says when it would not fit the area otherwise. The
   height it has taken. */
double dossier_page_text(dossier_page_t *page, const dossier_page_style_t *style, const char *text,
                         const dossier_page_area_t *area);

void dossier_page_frame(dossier_page_t *page, const dossier_page_area_t *area);

/* A square of the area's width with the quiet zone inside; readable with a quarter of it damaged.
   APR_EINVAL: too long for a QR code. */
apr_status_t dossier_page_qr(dossier_page_t *page, const char *text,
                             const dossier_page_area_t *area);

/* The file's bytes, in the page's pool; the page is gone. APR_EGENERAL: it could not be drawn. */
apr_status_t dossier_page_finish(const char **bytes, apr_size_t *length, dossier_page_t *page);

#endif
