/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options as rows: one table gives parsing, presets, error messages, the JSON
 * Schema, command-line flags and the man page. Used by spec sections, commands
 * and collectors alike.
 */
#ifndef CBPF_BASE_OPTION_H
#define CBPF_BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum option_type { /* type of the field at @offset */
		   OPTION_BOOL, /* enum flag */
		   OPTION_TRI, /* enum tri: true | auto | false */
		   OPTION_INT, /* uint64_t, within [min, max] */
		   OPTION_SIZE, /* uint64_t bytes */
		   OPTION_DURATION, /* uint64_t ns */
		   OPTION_REAL, /* double; NAN when unset */
		   OPTION_STRING, /* char *, owned; NULL when unset */
		   OPTION_CPUS, /* char *, a checked CPU list */
		   OPTION_ENUM, /* int, index into choices */
		   OPTION_STRINGS, /* struct str_list; a scalar is a list of one */
		   OPTION_STRMAP, /* struct str_map */
		   OPTION_SECTION, /* a nested struct described by @rows */
		   OPTION_SECTIONS, /* struct section_list: a map of name to struct described by @rows */
		   OPTION_MATRIX, /* struct str_map: of each axis the value that this run has */
};

/* What an integer, size or duration holds when the user did not give it. */
#define OPTION_UNSET UINT64_MAX

enum flag { FLAG_UNSET = -1, FLAG_OFF = 0, FLAG_ON = 1 };
enum tri { TRI_OFF, TRI_AUTO, TRI_ON };

struct section_list {
	void *v; /* array of structs; the first field of each is `char *name`, owned */
	size_t n;
};

struct option_row {
	const char *name; /* key in YAML, --name on a command line; NULL ends a table */
	enum option_type type;
	size_t offset; /* of the field in the config struct */
	const char *preset; /* as a user would write it; NULL leaves it unset */
	const char *help; /* one line, lower case, no full stop */
	const char *metavar; /* for --help: "DIR"; NULL picks one by type */
	char letter; /* short flag on a command line, or 0 */
	bool required;
	bool secret; /* stored and printed as *** */
	bool url; /* stored and printed with *** in place of USER:PASSWORD */
	uint64_t min, max; /* OPTION_INT; max 0 means no limit */
	const char *const *choices; /* OPTION_ENUM, OPTION_STRING; NULL-terminated */
	const struct option_row *rows; /* OPTION_SECTION(S) */
	size_t size; /* OPTION_SECTIONS: sizeof one struct */
	/* Short forms that a YAML file may use: */
	const char *scalar; /* OPTION_SECTION: a scalar sets the row of this name */
	bool shell; /* OPTION_STRINGS: a scalar becomes /bin/sh -c SCALAR */
	bool names; /* OPTION_SECTIONS: a list of names gives sections with presets only */
	/* OPTION_SECTION: its struct begins with an enum flag, on where the section is there at all */
	bool marked;
};

/* Fill a zeroed config with unset markers and presets, sections included. 0 or -ENOMEM. */
int option_presets(const struct option_row *rows, void *config);

/*
 * Parse one scalar into the field of @row in @config (for OPTION_STRINGS: append).
 * On failure @err says what was expected, without naming the key.
 */
int option_set(const struct option_row *row, void *config, const char *text, struct err *err);

/* The row called @name, or NULL. */
const struct option_row *option_find(const struct option_row *rows, const char *name);

/* The nearest name for a misspelt one (edit distance at most 2 or a third), or NULL. */
const char *option_nearest(const struct option_row *rows, const char *name);

/* Free everything that the rows own; the config may be half-filled. */
void option_fini(const struct option_row *rows, void *config);

#endif
