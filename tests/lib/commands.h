/* SPDX-License-Identifier: Apache-2.0 */
/* Two made-up commands, and what a command prints, for the tests of cmd/. */
#ifndef CBPF_TESTS_COMMANDS_H
#define CBPF_TESTS_COMMANDS_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/option.h"
#include "base/strlist.h"
#include "cmd/command.h"
#include "unit.h"

struct sail_config {
	enum flag ballast, flag;
	uint64_t knots;
	char *port;
	int rig;
	struct str_list crew;
};

static const char *const sail_rigs[] = { "sloop", "ketch", NULL };

static const struct option_row sail_rows[] = {
	{ "ballast", OPTION_BOOL, offsetof(struct sail_config, ballast), .preset = "true",
	  .help = "carry ballast" },
	{ "flag", OPTION_BOOL, offsetof(struct sail_config, flag), .letter = 'f',
	  .help = "show the flag" },
	{ "knots", OPTION_INT, offsetof(struct sail_config, knots), .preset = "5", .letter = 'k',
	  .min = 1, .max = 30, .help = "how fast" },
	{ "port", OPTION_STRING, offsetof(struct sail_config, port), .metavar = "DIR",
	  .help = "where to" },
	{ "rig", OPTION_ENUM, offsetof(struct sail_config, rig), .preset = "sloop",
	  .choices = sail_rigs, .help = "which sails" },
	{ "crew", OPTION_STRINGS, offsetof(struct sail_config, crew), .metavar = "NAME",
	  .help = "who comes along" },
	{ 0 },
};

/* What the last call of sail was given. */
static struct sail_seen {
	int calls, argc;
	char argv[4][32];
	struct sail_config config; /* numbers only: strings are gone by then */
	char port[32];
	size_t crew;
} sail_seen;

static int sail_run(void *data, int argc, char **argv)
{
	const struct sail_config *c = data;

	sail_seen = (struct sail_seen){
		.calls = sail_seen.calls + 1, .argc = argc, .config = *c, .crew = c->crew.n
	};
	snprintf(sail_seen.port, sizeof(sail_seen.port), "%s", c->port ? c->port : "");
	for (int i = 0; i < argc && i < 4; i++)
		snprintf(sail_seen.argv[i], sizeof(sail_seen.argv[i]), "%s", argv[i]);
	return EXIT_THRESHOLD; /* a status of its own, to be seen again */
}

static const struct command command_sail = {
	.name = "sail",
	.args = "RUN",
	.summary = "go to sea",
	.description = "Hoists the sails. Then goes.\n\n.Dd is no macro here, nor is a \\.",
	.examples = "cbpf sail here\n"
		    "cbpf sail --rig ketch there\n",
	.options = sail_rows,
	.config_size = sizeof(struct sail_config),
	.run = sail_run,
};

static int anchor_run(void *data, int argc, char **argv)
{
	(void)data, (void)argv;
	return argc;
}

static const struct command command_anchor = {
	.name = "anchor",
	.args = "",
	.summary = "stay where we are",
	.run = anchor_run,
};

/* Text of a descriptor while a function runs. */
struct capture {
	int fd, saved;
	FILE *file;
};

static inline void capture_begin(struct capture *c, int fd)
{
	c->fd = fd;
	(void)fflush(NULL);
	c->saved = dup(fd);
	c->file = tmpfile();
	assert_non_null(c->file);
	assert_true(dup2(fileno(c->file), fd) >= 0);
}

static inline void capture_end(struct capture *c, char *text, size_t size)
{
	size_t n;

	(void)fflush(NULL);
	assert_true(dup2(c->saved, c->fd) >= 0);
	close(c->saved);
	rewind(c->file);
	n = fread(text, 1, size - 1, c->file);
	text[n] = '\0';
	(void)fclose(c->file);
}

#endif
