// SPDX-License-Identifier: Apache-2.0
/* The memory of arguments is overwritten: it is what the kernel shows of a process. */
#include "cmd/hide.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "spec/rows.h"

/* The value in "KEY=VALUE", when it may be or hold a secret; else NULL. */
static char *secret_in(char *set)
{
	static const char sinks[] = "sinks", matrix[] = "matrix.";
	char *value = strchr(set, '=');
	char key[256];

	if (!value)
		return NULL;
	if (!strncmp(set, matrix, strlen(matrix)))
		set += strlen(matrix); /* values of an axis */
	if (!strncmp(set, sinks, strlen(sinks)))
		return value + 1;
	if ((size_t)(value - set) >= sizeof(key))
		return NULL;
	memcpy(key, set, value - set);
	key[value - set] = '\0';
	return spec_is_secret(key) ? value + 1 : NULL;
}

static void hide(char *value)
{
	size_t len = strlen(value), stars = strlen(SECRET_HIDDEN);

	memset(value, 0, len);
	memcpy(value, SECRET_HIDDEN, len < stars ? len : stars);
}

void hide_free(char **copy)
{
	for (size_t i = 0; copy && copy[i]; i++)
		free(copy[i]);
	free(copy);
}

char **hide_secrets(int argc, char **argv)
{
	static const char option[] = "--set";
	char **copy = calloc(argc + 1, sizeof(*copy));

	for (int i = 0; copy && i < argc; i++) {
		copy[i] = strdup(argv[i]);
		if (!copy[i]) {
			hide_free(copy);
			return NULL;
		}
	}
	for (int i = 1; copy && i < argc && strcmp(copy[i], "--"); i++) {
		char *set = NULL, *value;

		if (!strcmp(copy[i - 1], option))
			set = argv[i];
		else if (!strncmp(argv[i], option, strlen(option)) &&
			 argv[i][strlen(option)] == '=')
			set = argv[i] + strlen(option) + 1;
		value = set ? secret_in(set) : NULL;
		if (value)
			hide(value);
	}
	return copy;
}
