// SPDX-License-Identifier: Apache-2.0
/* Which model of preemption the kernel has, from the places that tell. */
#include "probe/preempted.h"

#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fs.h"

/* The last one holds. @begin: the model; NULL: none is asked for. */
static const char *asked_for(const char *cmdline)
{
	static const char key[] = "preempt=";
	const char *begin = NULL;

	for (const char *at = cmdline; (at = strstr(at, key)); at += strlen(key))
		if (at == cmdline || at[-1] == ' ')
			begin = at + strlen(key);
	return begin;
}

static bool begins_with(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

bool preempted_by(const char *models, const char *version, const char *cmdline)
{
	const char *model = strchr(models, '('), *config = strstr(version, "PREEMPT");

	/* "none voluntary (full)" */
	if (model)
		return begins_with(model, "(full)") || begins_with(model, "(lazy)");
	if (!config)
		return false;
	if (!begins_with(config, "PREEMPT_DYNAMIC"))
		return true;
	model = asked_for(cmdline);
	return model && (begins_with(model, "full") || begins_with(model, "lazy"));
}

bool probe_preempted(void)
{
	char models[128] = "", cmdline[4096] = "";
	struct utsname u;

	if (!access("/sys/kernel/realtime", F_OK))
		return true;
	/* What cannot be read tells nothing. */
	(void)fs_read_at(AT_FDCWD, "/sys/kernel/debug/sched/preempt", models, sizeof(models));
	(void)fs_read_at(AT_FDCWD, "/proc/cmdline", cmdline, sizeof(cmdline));
	return !uname(&u) && preempted_by(models, u.version, cmdline);
}
