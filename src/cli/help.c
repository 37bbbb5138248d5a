/* What the option table says to people: --help, --man, --completion. */
#include <string.h>

#include "repkit/options.h"

enum { HELP_COLUMNS = 100, OPTION_COLUMNS = 32 };

/* --- --help ------------------------------------------------------------------------------- */

/* Choices too long to stand beside the option's name stand behind its phrase. */
static bool has_many_choices(const struct rk_option *option)
{
    return (option->kind == RK_OPTION_CHOICE || option->kind == RK_OPTION_CHOICES) &&
           (strlen(option->argument) > 20 ||
            strlen(option->name) + strlen(option->argument) + 11 > OPTION_COLUMNS);
}

/* What an option chooses from: its choices, or the tables of the tool; NULL if from nothing. */
static const char *choices_of(const struct rk_tool *tool, const struct rk_option *option)
{
    if (option->kind == RK_OPTION_CHOICE || option->kind == RK_OPTION_CHOICES)
        return option->argument;
    return strcmp(option->name, "emit") == 0 ? tool->tables : NULL;
}

/* What an option is called in help: "-y, --outcomes COLS". */
static void add_names(const struct rk_option *option, struct rk_text *out)
{
    if (option->letter != 0)
        rk_text_format(out, "-%c, ", option->letter);
    else
        rk_text_add(out, "    ");
    rk_text_format(out, "--%s", option->name);
    if (option->argument == NULL)
        return;
    rk_text_add(out, option->kind == RK_OPTION_MAYBE ? "[=" : " ");
    if (has_many_choices(option))
        rk_text_add(out, option->kind == RK_OPTION_CHOICE ? "NAME" : "LIST");
    else if (option->kind == RK_OPTION_CHOICES)
        rk_text_format(out, "%s,...", option->argument);
    else
        rk_text_add(out, option->argument);
    rk_text_add(out, option->kind == RK_OPTION_MAYBE ? "]" : "");
}

/* A help text that begins with '+' goes on the line of the option before it. */
static bool is_joined(const struct rk_option *option)
{
    return option->kind != RK_OPTION_END && option->help[0] == '+';
}

static const char *help_of(const struct rk_option *option)
{
    return option->help + is_joined(option);
}

/* The help of an option by itself, without what joins it to its neighbours on a line of --help. */
static void add_help_alone(const struct rk_option *option,
                           void (*add)(const char *, struct rk_text *), struct rk_text *out)
{
    const char *help = help_of(option), *and = "and ";
    struct rk_text text = {0};

    if (is_joined(option) && strncmp(help, and, strlen(and)) == 0)
        help += strlen(and);
    rk_text_add_bytes(&text, help, strlen(help) - (strpbrk(help + strlen(help) - 1, ":;") != NULL));
    if (text.failed)
        out->failed = true;
    else
        add(text.bytes, out);
    rk_text_free(&text);
}

/* The phrase, wrapped at HELP_COLUMNS with a hanging indent; between words, and between choices
 * where one line does not hold them. */
static void add_phrase(const char *phrase, struct rk_text *out)
{
    size_t column = OPTION_COLUMNS;
    bool starts = true, spaced = false;

    while (*phrase != '\0') {
        size_t word = strcspn(phrase, " "), n = word;

        if (n > HELP_COLUMNS - OPTION_COLUMNS && strcspn(phrase, "|") + 1 < n)
            n = strcspn(phrase, "|") + 1;
        else if (!starts && !spaced && strcspn(phrase, "|") + 1 < n)
            n = strcspn(phrase, "|") + 1;
        if (!starts && column + spaced + n > HELP_COLUMNS) {
            rk_text_add_char(out, '\n');
            rk_text_repeat(out, " ", OPTION_COLUMNS);
            column = OPTION_COLUMNS;
        } else if (spaced) {
            rk_text_add_char(out, ' ');
            column++;
        }
        rk_text_add_bytes(out, phrase, n);
        column += n;
        phrase += n;
        starts = false;
        spaced = *phrase == ' ';
        phrase += strspn(phrase, " ");
    }
}

static void add_help(const struct rk_tool *tool, const struct rk_option *option,
                     struct rk_text *names, struct rk_text *phrase)
{
    const char *choices = choices_of(tool, option);

    if (!is_joined(option)) {
        add_names(option, names);
        rk_text_add(phrase, option->help);
    } else {
        struct rk_text name = {0};

        add_names(option, &name);
        if (name.failed)
            names->failed = true;
        else
            rk_text_format(names, " %s", name.bytes + strspn(name.bytes, " "));
        rk_text_format(phrase, " %s", help_of(option));
        rk_text_free(&name);
    }
    if (choices != NULL && (choices != option->argument || has_many_choices(option)))
        rk_text_format(phrase, ": %s", choices);
}

/* The option, and those that share its line. */
static void add_option(const struct rk_tool *tool, const struct rk_option *option,
                       struct rk_text *out)
{
    struct rk_text names = {0};
    struct rk_text phrase = {0};

    add_help(tool, option, &names, &phrase);
    while (is_joined(option + 1))
        add_help(tool, ++option, &names, &phrase);
    if (names.failed || phrase.failed) {
        out->failed = true;
    } else {
        rk_text_format(out, "  %s", names.bytes);
        if (names.length + 4 > OPTION_COLUMNS) {
            rk_text_add_char(out, '\n');
            rk_text_repeat(out, " ", OPTION_COLUMNS);
        } else {
            rk_text_repeat(out, " ", OPTION_COLUMNS - names.length - 2);
        }
        add_phrase(phrase.bytes, out);
        rk_text_add_char(out, '\n');
    }
    rk_text_free(&names);
    rk_text_free(&phrase);
}

void rk_help_print(const struct rk_tool *tool, const struct rk_option *options, struct rk_text *out)
{
    rk_text_format(out, "Usage: %s %s\n%s\n\nExamples:\n", tool->name, tool->synopsis,
                   tool->question);
    for (const char *const *example = tool->examples; *example != NULL; example++)
        rk_text_format(out, "  %s\n", *example);
    for (; options->kind != RK_OPTION_END; options++) {
        if (options->kind == RK_OPTION_HEADING)
            rk_text_format(out, "\n%s:\n", options->help);
        else if (!is_joined(options))
            add_option(tool, options, out);
    }
}

/* --- --man -------------------------------------------------------------------------------- */

/* mdoc takes a leading dot or quote and any backslash for its own. */
static void add_mdoc(const char *text, struct rk_text *out)
{
    if (*text == '.' || *text == '\'')
        rk_text_add(out, "\\&");
    for (; *text != '\0'; text++) {
        if (*text == '\\')
            rk_text_add(out, "\\e");
        else if (*text == '-')
            rk_text_add(out, "\\-");
        else
            rk_text_add_char(out, *text);
    }
}

/* Running text: mdoc sets each sentence on a line of its own. */
static void add_mdoc_sentences(const char *text, struct rk_text *out)
{
    const char *end;

    while ((end = strstr(text, ". ")) != NULL) {
        struct rk_text sentence = {0};

        rk_text_add_bytes(&sentence, text, (size_t)(end - text) + 1);
        add_mdoc(sentence.failed ? "" : sentence.bytes, out);
        rk_text_add_char(out, '\n');
        rk_text_free(&sentence);
        text = end + strlen(". ");
    }
    add_mdoc(text, out);
}

/* A macro's argument: quoted, so that spaces and macro names in it are text. */
static void add_mdoc_argument(const char *text, struct rk_text *out)
{
    rk_text_add_char(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            rk_text_add(out, "\\(dq");
        else if (*text == '\\')
            rk_text_add(out, "\\e");
        else
            rk_text_add_char(out, *text);
    }
    rk_text_add_char(out, '"');
}

/* Choices, as words that a line may break between. */
static void add_mdoc_choices(const char *choices, struct rk_text *out)
{
    struct rk_text list = {0};

    rk_text_add(&list, ": ");
    for (; *choices != '\0'; choices++)
        if (*choices == '|')
            rk_text_add(&list, ", ");
        else
            rk_text_add_char(&list, *choices);
    if (list.failed)
        out->failed = true;
    else
        add_mdoc(list.bytes, out);
    rk_text_free(&list);
}

static void add_man_option(const struct rk_tool *tool, const struct rk_option *option,
                           struct rk_text *out)
{
    const char *choices = choices_of(tool, option);
    bool is_long = option->argument != NULL && strlen(option->argument) > HELP_COLUMNS / 2;
    bool apart = choices != NULL && (choices != option->argument || is_long);

    rk_text_add(out, ".It");
    if (option->letter != 0)
        rk_text_format(out, " Fl %c ,", option->letter);
    rk_text_format(out, " Fl \\-%s", option->name);
    if (option->argument != NULL) {
        rk_text_add(out, " Ar ");
        add_mdoc_argument(is_long ? "LIST" : option->argument, out);
    }
    rk_text_add(out, "\n");
    add_help_alone(option, add_mdoc_sentences, out);
    if (apart)
        add_mdoc_choices(choices, out);
    rk_text_add(out, ".\n");
}

static void add_man_options(const struct rk_tool *tool, const struct rk_option *options,
                            struct rk_text *out)
{
    bool in_list = false;

    rk_text_add(out, ".Sh OPTIONS\n");
    for (; options->kind != RK_OPTION_END; options++) {
        if (options->kind == RK_OPTION_HEADING) {
            rk_text_add(out, in_list ? ".El\n" : "");
            rk_text_format(out, ".Ss %s\n.Bl -tag -width Ds\n", options->help);
            in_list = true;
        } else {
            rk_text_add(out, in_list ? "" : ".Bl -tag -width Ds\n");
            in_list = true;
            add_man_option(tool, options, out);
        }
    }
    rk_text_add(out, in_list ? ".El\n" : "");
}

static void add_man_exit_status(struct rk_text *out)
{
    rk_text_add(out, ".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n"
                     ".It 0\ndone, also when some rows are NA\n"
                     ".It 1\nan assertion does not hold\n"
                     ".It 2\nthe command line is wrong\n"
                     ".It 3\nthe input is wrong\n"
                     ".It 4\nnothing could be computed\n"
                     ".It 5\nreading or writing failed\n"
                     ".El\n");
}

void rk_man_print(const struct rk_tool *tool, const struct rk_option *options, struct rk_text *out)
{
    rk_text_add(out, ".Dd $Mdocdate$\n.Dt ");
    for (const char *c = tool->name; *c != '\0'; c++)
        rk_text_add_char(out, *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c);
    rk_text_format(out, " 1\n.Os repkit\n.Sh NAME\n.Nm %s\n.Nd ", tool->name);
    add_mdoc(tool->question, out);
    rk_text_format(out, "\n.Sh SYNOPSIS\n.Nm %s\n.Ar ", tool->name);
    add_mdoc_argument(tool->synopsis, out);
    rk_text_add(out, "\n.Sh DESCRIPTION\n");
    add_mdoc_sentences(tool->about, out);
    rk_text_add(out, "\n");
    add_man_options(tool, options, out);
    add_man_exit_status(out);
    rk_text_add(out, ".Sh EXAMPLES\n.Bd -literal\n");
    for (const char *const *example = tool->examples; *example != NULL; example++) {
        add_mdoc(*example, out);
        rk_text_add_char(out, '\n');
    }
    rk_text_add(out, ".Ed\n");
    rk_text_format(out, ".Sh SEE ALSO\n.Xr %s\n",
                   strcmp(tool->name, "repkit") == 0 ? "librepkit 3" : "repkit 1");
}

/* --- --completion ------------------------------------------------------------------------- */

/* The words of the choices, spaces between. */
static void add_words(const char *choices, struct rk_text *out)
{
    for (; *choices != '\0'; choices++)
        rk_text_add_char(out, *choices == '|' ? ' ' : *choices);
}

/* A shell function's name: rep-corr is _rep_corr. */
static void add_function(const struct rk_tool *tool, struct rk_text *out)
{
    rk_text_add_char(out, '_');
    for (const char *c = tool->name; *c != '\0'; c++)
        rk_text_add_char(out, *c == '-' ? '_' : *c);
}

static void bash_completion(const struct rk_tool *tool, const struct rk_option *options,
                            struct rk_text *out)
{
    add_function(tool, out);
    rk_text_add(out, "()\n{\n    local cur=${COMP_WORDS[COMP_CWORD]} "
                     "prev=${COMP_WORDS[COMP_CWORD-1]}\n    case $prev in\n");
    for (const struct rk_option *o = options; o->kind != RK_OPTION_END; o++) {
        if (o->kind == RK_OPTION_HEADING || choices_of(tool, o) == NULL)
            continue;
        if (o->letter != 0)
            rk_text_format(out, "    -%c|--%s)", o->letter, o->name);
        else
            rk_text_format(out, "    --%s)", o->name);
        rk_text_add(out, " COMPREPLY=($(compgen -W '");
        add_words(choices_of(tool, o), out);
        rk_text_add(out, "' -- \"$cur\")); return ;;\n");
    }
    rk_text_add(out, "    esac\n    if [[ $cur == -* ]]; then\n        COMPREPLY=($(compgen -W '");
    for (const struct rk_option *o = options; o->kind != RK_OPTION_END; o++)
        if (o->kind != RK_OPTION_HEADING)
            rk_text_format(out, "--%s ", o->name);
    rk_text_add(out, "' -- \"$cur\"))\n    else\n        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                     "    fi\n}\ncomplete -o filenames -F ");
    add_function(tool, out);
    rk_text_format(out, " %s\n", tool->name);
}

/* Text inside single quotes in zsh's _arguments: its own marks and quotes taken out. */
static void add_zsh(const char *text, struct rk_text *out)
{
    for (; *text != '\0'; text++)
        rk_text_add_char(out, strchr("'[]:\\", *text) != NULL ? ' ' : *text);
}

static void zsh_completion(const struct rk_tool *tool, const struct rk_option *options,
                           struct rk_text *out)
{
    rk_text_format(out, "#compdef %s\n_arguments \\\n", tool->name);
    for (const struct rk_option *o = options; o->kind != RK_OPTION_END; o++) {
        if (o->kind == RK_OPTION_HEADING)
            continue;
        rk_text_format(out, "  '--%s%s[", o->name,
                       o->argument != NULL && o->kind != RK_OPTION_MAYBE ? "=" : "");
        add_help_alone(o, add_zsh, out);
        rk_text_add_char(out, ']');
        if (choices_of(tool, o) != NULL) {
            rk_text_add(out, ":value:(");
            add_words(choices_of(tool, o), out);
            rk_text_add_char(out, ')');
        } else if (o->argument != NULL && o->kind != RK_OPTION_MAYBE) {
            rk_text_add(out, ":value:_files");
        }
        rk_text_add(out, "' \\\n");
    }
    rk_text_add(out, "  '*:file:_files'\n");
}

static void add_fish(const char *text, struct rk_text *out)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            rk_text_add_char(out, '\\');
        rk_text_add_char(out, *text);
    }
}

static void fish_completion(const struct rk_tool *tool, const struct rk_option *options,
                            struct rk_text *out)
{
    for (const struct rk_option *o = options; o->kind != RK_OPTION_END; o++) {
        if (o->kind == RK_OPTION_HEADING)
            continue;
        rk_text_format(out, "complete -c %s -l %s", tool->name, o->name);
        if (o->letter != 0)
            rk_text_format(out, " -s %c", o->letter);
        if (choices_of(tool, o) != NULL) {
            rk_text_add(out, " -x -a '");
            add_words(choices_of(tool, o), out);
            rk_text_add_char(out, '\'');
        } else if (o->argument != NULL && o->kind != RK_OPTION_MAYBE) {
            rk_text_add(out, " -r");
        }
        rk_text_add(out, " -d '");
        add_help_alone(o, add_fish, out);
        rk_text_add(out, "'\n");
    }
}

void rk_completion_print(const struct rk_tool *tool, const struct rk_option *options,
                         const char *shell, struct rk_text *out)
{
    static const struct {
        const char *shell;
        void (*print)(const struct rk_tool *, const struct rk_option *, struct rk_text *);
    } shells[] = {{"bash", bash_completion}, {"zsh", zsh_completion}, {"fish", fish_completion}};

    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].shell, shell) == 0)
            shells[i].print(tool, options, out);
}
