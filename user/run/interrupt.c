// SPDX-License-Identifier: Apache-2.0
/* Signal handlers that only count. */
#include "run/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"

static atomic_int count;
static atomic_bool asked, asked_twice;

static void on_signal(int sig)
{
	(void)sig;
	if (atomic_fetch_add(&count, 1) > 0)
		atomic_store(&asked_twice, true);
	atomic_store(&asked, true);
}

int interrupt_install(struct err *err)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal };

	/* No SA_RESTART: sleeps and waits end early and look at the flag. */
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(caught); i++)
		if (sigaction(caught[i], &sa, NULL))
			return err_set(err, -errno, "catching signal %d", caught[i]);
	sa.sa_handler = SIG_IGN;
	if (sigaction(SIGPIPE, &sa, NULL))
		return err_set(err, -errno, "ignoring SIGPIPE");
	return 0;
}

int interrupt_count(void)
{
	return atomic_load(&count);
}

const atomic_bool *interrupt_flag(void)
{
	return &asked;
}

const atomic_bool *interrupt_at_once_flag(void)
{
	return &asked_twice;
}
