// SPDX-License-Identifier: Apache-2.0
/* Reading and showing of MPI-IO hints. */
#include "ior/hints.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"

#define PREFIX "IOR_HINT__MPI__"

extern char **environ;

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		text[--len] = '\0';
	return text;
}

bool hints_split(char *line, char **ret_name, char **ret_value)
{
	char *name, *value;

	line[strcspn(line, "#")] = '\0';
	name = trim(line);
	value = strchr(name, '=');
	if (strncmp(name, PREFIX, strlen(PREFIX)) || !value)
		return false;
	*value++ = '\0';
	name = trim(name + strlen(PREFIX));
	if (name[0] == '\0')
		return false;
	*ret_name = name;
	*ret_value = trim(value);
	return true;
}

static void add(MPI_Info *info, char *line)
{
	char *name, *value;

	if (!hints_split(line, &name, &value))
		return;
	if (*info == MPI_INFO_NULL)
		MPI_Info_create(info);
	MPI_Info_set(*info, name, value);
}

int hints_load(const char *path, MPI_Info *ret, struct err *err)
{
	char line[1024];

	*ret = MPI_INFO_NULL;
	if (path) {
		cleanup_fclose FILE *f = fopen(path, "re");

		if (!f)
			return err_set(err, -errno, "cannot open hints file '%s'", path);
		while (fgets(line, sizeof(line), f))
			add(ret, line);
	}
	for (char **e = environ; *e; e++) {
		snprintf(line, sizeof(line), "%s", *e);
		add(ret, line);
	}
	return 0;
}

void hints_print(MPI_File fh, const char *path)
{
	MPI_Info info;
	int rank, n = 0;

	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	if (rank || MPI_File_get_info(fh, &info))
		return;
	MPI_Info_get_nkeys(info, &n);
	printf("hints of '%s' {\n", path);
	for (int i = 0; i < n; i++) {
		char key[MPI_MAX_INFO_KEY + 1], value[MPI_MAX_INFO_VAL + 1];
		int found = 0;

		MPI_Info_get_nthkey(info, i, key);
		MPI_Info_get(info, key, MPI_MAX_INFO_VAL, value, &found);
		if (found)
			printf("\t%s = %s\n", key, value);
	}
	puts("}");
	MPI_Info_free(&info);
}
