#include <math.h>
#include <string.h>

#include "draw.h"

/* --- data --------------------------------------------------------------------------------- */

static void write_numbers(const struct pen *pen, const double *value, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            rk_text_add_char(pen->out, ' ');
        pen_number(pen, value[i]);
    }
    rk_text_add_char(pen->out, '\n');
}

/* Whether all numbers are there that the mark needs. */
static bool is_drawn(const struct rk_layer *layer, const struct rk_spot *spot)
{
    bool x = isfinite(spot->x), y = isfinite(spot->y);
    bool ends = isfinite(spot->low) && isfinite(spot->high);

    switch (layer->mark) {
    case RK_MARK_POINTS:
    case RK_MARK_LINE:
        return x && y;
    case RK_MARK_BAND:
    case RK_MARK_SPAN_Y:
        return x && ends;
    case RK_MARK_SPAN_X:
    case RK_MARK_BARS:
    case RK_MARK_BOXES:
        return y && ends;
    default:
        return layer->mark == RK_MARK_CELLS;
    }
}

/* One line of a block, in the order that plot_layer() asks for. A spot that is not drawn is left
 * out, and in a line the pen is lifted. */
static void write_spot(const struct pen *pen, const struct rk_layer *layer,
                       const struct rk_spot *spot)
{
    /* Cells of a density overlap a little, or seams of the ground would show between them. */
    double overlap = layer->ink == RK_INK_SEQUENTIAL ? 1.06 : 1.0;
    double half_x = overlap * layer->width / 2.0, half_y = overlap * layer->height / 2.0;
    double x = spot->x, y = spot->y, low = spot->low, high = spot->high;

    if (!is_drawn(layer, spot)) {
        if (layer->mark == RK_MARK_LINE)
            rk_text_add_char(pen->out, '\n');
        return;
    }
    switch (layer->mark) {
    case RK_MARK_POINTS:
    case RK_MARK_LINE:
        write_numbers(pen, (double[]){x, y}, 2);
        break;
    case RK_MARK_BAND:
        write_numbers(pen, (double[]){x, low, high}, 3);
        break;
    case RK_MARK_SPAN_X:
        write_numbers(pen, (double[]){low, y, high - low, 0.0}, 4);
        break;
    case RK_MARK_SPAN_Y:
        write_numbers(pen, (double[]){x, low, 0.0, high - low}, 4);
        break;
    case RK_MARK_BARS:
        write_numbers(pen, (double[]){low, 0.0, low, high, 0.0, y}, 6);
        break;
    case RK_MARK_BOXES:
        write_numbers(pen, (double[]){low, y, low, high, y - half_y, y + half_y}, 6);
        break;
    case RK_MARK_CELLS:
        write_numbers(pen,
                      (double[]){x, y, x - half_x, x + half_x, y - half_y, y + half_y,
                                 (double)theme_value(pen->theme, layer->ink, spot->value)},
                      7);
        break;
    default:
        break;
    }
}

/* gnuplot warns of a block with nothing in it. */
static bool has_data(const struct rk_layer *layer)
{
    for (size_t i = 0; i < layer->n; i++)
        if (is_drawn(layer, &layer->spot[i]))
            return true;
    return false;
}

void draw_data(const struct pen *pen, const struct rk_panel *panel, size_t index)
{
    for (size_t i = 0; i < panel->n_layers; i++) {
        const struct rk_layer *layer = &panel->layer[i];

        if (!has_data(layer))
            continue;
        rk_text_format(pen->out, "$panel%zu_%zu << END\n", index + 1, i + 1);
        for (size_t j = 0; j < layer->n; j++)
            write_spot(pen, layer, &layer->spot[j]);
        rk_text_add(pen->out, "END\n");
    }
}

/* --- looks -------------------------------------------------------------------------------- */

/* Shapes that differ as much as the colours do: disc, triangle, square, diamond, ring, ... */
static const int shapes[RK_MAX_GROUPS] = {7, 9, 5, 13, 6, 8, 4, 12};

/* On the text terminal: gnuplot makes lines of type 0, 1, 2, ... of these characters. */
static const char text_lines[] = ".*#$%@&=";

static int text_line(const struct rk_layer *layer)
{
    switch (layer->ink) {
    case RK_INK_MAIN:
        return 1;
    case RK_INK_ACCENT:
        return 5;
    default:
        return layer->dashed ? 0 : layer->ink == RK_INK_MUTED ? 3 : 2;
    }
}

char pen_letter(const struct rk_layer *layer)
{
    switch (layer->mark) {
    case RK_MARK_POINTS:
        if (layer->ink < RK_INK_GROUP)
            return 'o';
        return (char)('A' + (layer->ink - RK_INK_GROUP) % RK_MAX_GROUPS);
    case RK_MARK_LINE:
    case RK_MARK_BARS:
    case RK_MARK_BOXES:
        return text_lines[text_line(layer)];
    case RK_MARK_CELLS:
        return '#';
    default:
        return layer->mark == RK_MARK_SPAN_X ? '-' : '|';
    }
}

void pen_point(const struct pen *pen, const struct rk_layer *layer, double size)
{
    int group = layer->ink >= RK_INK_GROUP ? (layer->ink - RK_INK_GROUP) % RK_MAX_GROUPS : 0;
    int shape = shapes[group];

    if (pen->layout->is_text) { /* letters */
        rk_text_format(pen->out, " pt '%c'", pen_letter(layer));
        return;
    }
    rk_text_format(pen->out, " pt %d ps %.2f lw 1.5 lc ", shape,
                   pen->terminal->mark * size * pen->layout->em / 16.0);
    pen_color(pen, theme_ink(pen->theme, layer->ink), layer->faint ? pen->theme->faint : 1.0);
}

/* Lines of groups differ by more than colour, too. */
static const char *dashes_of(const struct rk_layer *layer)
{
    static const char *const dashes[RK_MAX_GROUPS] = {"solid", "'--'", "'_ '",  "'-.'",
                                                      "'-..'", "'_.'", "'_..'", "'.'"};

    if (layer->mark != RK_MARK_LINE || layer->ink < RK_INK_GROUP)
        return "solid";
    return dashes[(layer->ink - RK_INK_GROUP) % RK_MAX_GROUPS];
}

void pen_line(const struct pen *pen, const struct rk_layer *layer)
{
    double width = pen_line_width(pen, layer->bold);

    if (pen->layout->is_text) { /* the type of line chooses the character that it is made of */
        if (layer->mark == RK_MARK_LINE || layer->mark == RK_MARK_BARS ||
            layer->mark == RK_MARK_BOXES)
            rk_text_format(pen->out, " lt %d", text_line(layer));
        return;
    }
    rk_text_format(pen->out, " lw %.2f", layer->faint ? 0.7 * width : width);
    rk_text_format(pen->out, " dt %s", layer->dashed ? "'--'" : dashes_of(layer));
    rk_text_add(pen->out, " lc ");
    pen_color(pen, theme_ink(pen->theme, layer->ink),
              layer->faint ? fmin(1.0, 1.2 * pen->theme->faint) : 1.0);
}

static double point_size(const struct rk_layer *layer)
{
    double size = layer->n <= 60 ? 1.2 : layer->n <= 400 ? 0.9 : layer->n <= 3000 ? 0.6 : 0.35;

    return layer->bold ? 1.3 * size : size;
}

/* Bars stand apart by a thread of the ground; faint boxes have a border, or they could not be seen
 * in print. */
static void plot_boxes(const struct pen *pen, const struct rk_layer *layer)
{
    struct rk_text *out = pen->out;

    rk_text_add(out, "using 1:2:3:4:5:6 with boxxyerror");
    if (pen->layout->is_text) {
        pen_line(pen, layer);
        return;
    }
    rk_text_format(out, " lw %.3g fc ", layer->faint ? 0.6 * pen_line_width(pen, false) : 0.5);
    pen_color(pen, theme_ink(pen->theme, layer->ink), 1.0);
    if (layer->faint)
        rk_text_format(out, " fs transparent solid %.2f border rgb '#%06X'", 1.5 * pen->theme->band,
                       theme_ink(pen->theme, layer->ink));
    else
        rk_text_format(out, " fs solid 0.85 border rgb '#%06X'", pen->theme->ground);
}

static void plot_layer(const struct pen *pen, const struct rk_layer *layer)
{
    struct rk_text *out = pen->out;

    switch (layer->mark) {
    case RK_MARK_POINTS:
        rk_text_add(out, "using 1:2 with points");
        pen_point(pen, layer, point_size(layer));
        break;
    case RK_MARK_BAND:
        if (!pen->layout->is_text) {
            rk_text_add(out, "using 1:2:3 with filledcurves fc ");
            pen_color(pen, theme_ink(pen->theme, layer->ink), 1.0);
            rk_text_format(out, " fs transparent solid %.2f noborder",
                           layer->faint ? 0.6 * pen->theme->band : pen->theme->band);
        } else { /* the text terminal has no areas: both edges */
            rk_text_add(out, "using 1:2:(0):($3-$2) with vectors nohead");
        }
        break;
    case RK_MARK_SPAN_X:
    case RK_MARK_SPAN_Y:
        rk_text_add(out, "using 1:2:3:4 with vectors nohead");
        pen_line(pen, layer);
        break;
    case RK_MARK_BARS:
    case RK_MARK_BOXES:
        plot_boxes(pen, layer);
        break;
    case RK_MARK_CELLS:
        rk_text_add(out, "using 1:2:3:4:5:6:7 with boxxyerror lc rgb variable fs solid noborder");
        break;
    default:
        rk_text_add(out, "using 1:2 with lines");
        pen_line(pen, layer);
    }
}

/* --- what is no plot: rules and words ----------------------------------------------------- */

static void write_label(const struct pen *pen, const char *text, size_t columns,
                        const char *alignment, unsigned color, double size)
{
    rk_text_add(pen->out, "set label ");
    rk_gnuplot_quote(pen->out, text, columns);
    rk_text_format(pen->out, " %s noenhanced front tc ", alignment);
    pen_color(pen, color, 1.0);
    pen_font(pen, size, false);
    rk_text_add(pen->out, " at ");
}

/* A vertical rule's text stands at its head, on the side where there is more room; a horizontal
 * one's at its right end. */
static void write_rule(const struct pen *pen, const struct rk_layer *layer,
                       const struct rk_spot *spot, const struct panel_layout *place)
{
    bool vertical = layer->mark == RK_MARK_RULE_X;
    double at = vertical ? spot->x : spot->y, em = pen->layout->em;
    double middle = (place->x.low + place->x.high) / 2.0;
    size_t columns = layout_columns(pen->layout, 0.6 * (place->right - place->left), em);
    struct rk_text *out = pen->out;

    if (!isfinite(at))
        return;
    rk_text_add(out, "set arrow from ");
    rk_text_add(out, vertical ? "first " : "graph 0,first ");
    pen_number(pen, at);
    rk_text_add(out, vertical ? ",graph 0 to first " : " to graph 1,first ");
    pen_number(pen, at);
    rk_text_add(out, vertical ? ",graph 1 nohead back" : " nohead back");
    pen_line(pen, layer);
    rk_text_add_char(out, '\n');
    if (spot->text == NULL)
        return;
    write_label(pen, spot->text, columns, vertical && at <= middle ? "left" : "right",
                theme_ink(pen->theme, layer->ink), pen->layout->small);
    if (vertical) {
        rk_text_add(out, "first ");
        pen_number(pen, at);
        rk_text_format(out, ",graph %.4f offset character %s,0\n",
                       1.0 - 0.7 * em / fmax(place->bottom - place->top, em),
                       at <= middle ? "0.6" : "-0.6");
    } else {
        rk_text_add(out, "graph 0.99,first ");
        pen_number(pen, at);
        rk_text_add(out, " offset character 0,0.6\n");
    }
}

/* Words in cells take a size that fits their cell; widest is that of the layer, so that all are of
 * one size. */
static void write_spot_text(const struct pen *pen, const struct rk_layer *layer,
                            const struct rk_spot *spot, const struct panel_layout *place,
                            size_t widest)
{
    double room = layer->width / (place->x.high - place->x.low) * (place->right - place->left);
    bool cell = layer->mark == RK_MARK_CELLS;
    double size = pen->layout->em;
    unsigned color = theme_ink(pen->theme, layer->ink);
    size_t columns;

    if (cell) {
        double height =
            layer->height / (place->y.high - place->y.low) * (place->bottom - place->top);

        size = fmin(fmin(size, room / (0.72 * (double)widest)), height / 1.3);
        if (!pen->layout->is_text)
            color = theme_text_on(theme_value(pen->theme, layer->ink, spot->value));
    }
    columns = cell ? layout_columns(pen->layout, room, size) : 60;
    write_label(pen, spot->text, columns, cell ? "center" : "left", color, size);
    rk_text_add(pen->out, "first ");
    pen_number(pen, spot->x);
    rk_text_add(pen->out, ",first ");
    pen_number(pen, spot->y);
    rk_text_add(pen->out, cell ? "\n" : " offset character 0.8,0.6\n"); /* beside its spot */
}

static void write_words_of(const struct pen *pen, const struct rk_layer *layer,
                           const struct panel_layout *place)
{
    bool is_rule = layer->mark == RK_MARK_RULE_X || layer->mark == RK_MARK_RULE_Y;
    size_t widest = 3;

    for (size_t i = 0; layer->mark == RK_MARK_CELLS && i < layer->n; i++)
        if (layer->spot[i].text != NULL && rk_display_width(layer->spot[i].text) > widest)
            widest = rk_display_width(layer->spot[i].text);

    for (size_t i = 0; i < layer->n; i++) {
        const struct rk_spot *spot = &layer->spot[i];

        if (is_rule)
            write_rule(pen, layer, spot, place);
        else if (spot->text != NULL && isfinite(spot->x) && isfinite(spot->y))
            write_spot_text(pen, layer, spot, place, widest);
    }
}

/* --- axes --------------------------------------------------------------------------------- */

static void write_axis(const struct pen *pen, const struct rk_axis *axis, const char *name,
                       const struct scale *scale, bool labels, size_t columns, double size,
                       bool turned)
{
    struct rk_text *out = pen->out;
    bool downwards = axis->kind == RK_AXIS_NAMES && name[0] == 'y';

    rk_text_format(out, "set %srange [", name);
    pen_number(pen, downwards ? scale->high : scale->low);
    rk_text_add_char(out, ':');
    pen_number(pen, downwards ? scale->low : scale->high);
    rk_text_format(out, "] noextend\nset %stics nomirror scale 0 noenhanced", name);
    if (turned)
        rk_text_add(out, " rotate by 40 right");
    else if (name[0] == 'x')
        rk_text_add(out, " norotate");
    pen_font(pen, size, false);
    rk_text_add(out, " tc ");
    pen_color(pen, theme_ink(pen->theme, axis->kind == RK_AXIS_NAMES ? RK_INK_TEXT : RK_INK_MUTED),
              1.0);
    rk_text_add(out, " (");
    for (size_t i = 0; i < scale->n_ticks; i++) {
        if (i > 0)
            rk_text_add(out, ", ");
        if (labels)
            rk_gnuplot_quote_tick(out, scale->tick[i].text, columns);
        else
            rk_text_add(out, "''");
        rk_text_add_char(out, ' ');
        pen_number(pen, scale->tick[i].at);
    }
    rk_text_add(out, ")\n");
}

/* Lines where a number is to be read off; none between names. */
static void write_grid(const struct pen *pen, const struct rk_panel *panel)
{
    rk_text_add(pen->out, "unset grid\n");
    if (pen->layout->is_text)
        return;
    for (int i = 0; i < 2; i++) {
        const struct rk_axis *axis = i == 0 ? &panel->x : &panel->y;

        if (axis->kind == RK_AXIS_NAMES || axis->kind == RK_AXIS_NONE)
            continue;
        rk_text_format(pen->out, "set grid %ctics back lt 1 dt solid lw 0.75 lc ", "xy"[i]);
        pen_color(pen, pen->theme->grid, 1.0);
        rk_text_add_char(pen->out, '\n');
    }
}

/* Beside names the notes are set at the same y in gnuplot's own coordinates, so that it rounds both
 * alike; elsewhere they are words of the page. */
static void write_notes(const struct pen *pen, const struct rk_panel *panel,
                        const struct panel_layout *place)
{
    size_t columns = layout_columns(pen->layout, pen->layout->width - place->right, place->y_size);

    for (size_t i = 0; panel->y.kind == RK_AXIS_NAMES && i < panel->n_notes; i++) {
        write_label(pen, panel->note[i].text, columns, "left",
                    theme_ink(pen->theme, panel->note[i].ink), place->y_size);
        rk_text_add(pen->out, "graph 1,first ");
        pen_number(pen, panel->note[i].y);
        rk_text_add(pen->out, " offset character 1.2,0\n");
    }
}

void draw_panel(const struct pen *pen, const struct rk_panel *panel,
                const struct panel_layout *place, size_t index)
{
    const struct layout *layout = pen->layout;
    struct rk_text *out = pen->out;

    rk_text_format(out,
                   "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
                   "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
                   place->left / layout->width, place->right / layout->width,
                   1.0 - place->top / layout->height, 1.0 - place->bottom / layout->height);
    rk_text_add(out, layout->is_text ? "set border 3\n" : "set border 0\n");
    write_axis(pen, &panel->x, "x", &place->x, true, place->x_columns, place->x_size,
               place->turned);
    write_axis(pen, &panel->y, "y", &place->y, place->names_shown, place->y_columns, place->y_size,
               false);
    write_notes(pen, panel, place);
    write_grid(pen, panel);
    for (size_t i = 0; i < panel->n_layers; i++)
        write_words_of(pen, &panel->layer[i], place);
    /* A plot must have something in it: a line of one point draws nothing. */
    rk_text_add(out, "plot '+' using (");
    pen_number(pen, place->x.low);
    rk_text_add(out, "):(");
    pen_number(pen, place->y.low);
    rk_text_add(out, ") every ::0::0 notitle with lines");
    for (size_t i = 0; i < panel->n_layers; i++) {
        if (!has_data(&panel->layer[i]))
            continue;
        rk_text_format(out, ", \\\n  $panel%zu_%zu ", index + 1, i + 1);
        plot_layer(pen, &panel->layer[i]);
        rk_text_add(out, " notitle");
    }
    rk_text_add(out, "\nunset label\nunset arrow\nunset object\n");
}
