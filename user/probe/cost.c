// SPDX-License-Identifier: Apache-2.0
/* The kernel's own statistics of a program. */
#include "probe/cost.h"

#include <bpf/bpf.h>
#include <stdio.h>

bool probe_cost_read(int fd, const char *family, const char *name, struct probe_cost *ret)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return false;
	snprintf(ret->program, sizeof(ret->program), "%s.%s", family, name);
	ret->runs = info.run_cnt;
	ret->run_ns = info.run_time_ns;
	ret->missed = info.recursion_misses;
	return true;
}
