// SPDX-License-Identifier: Apache-2.0
/* What a fake run tells of its whole at the end: files used most, stacks sampled. */
#include "base/cleanup.h"
#include "base/err.h"
#include "fake_run.h"
#include "unit.h"

static void must(int rc, const struct err *err)
{
	if (rc)
		fail_msg("fake run: %s", err->text);
}

static void put_files(struct fake_run *r)
{
	struct store_file f = { .owner = FAKE_VICTIM, .dev = FAKE_VDA, .inode = 12 };
	struct err err = { 0 };

	f.path = "/etc/mpi.conf";
	f.calls[0] = 2;
	f.ns[0] = 3000;
	f.flags = 1; /* rdonly */
	must(store_put_file(r->store, &f, &err), &err);
	f = (struct store_file){ .dev = FAKE_VDA, /* of the victim, too */
				 .inode = 12,
				 .generation = 77, /* the number was given out again */
				 .path = "/scratch/testfile.00000000",
				 .calls = { 300, 1200, 6 },
				 .bytes = { 300 * 4096, 1200 * 4096 },
				 .ns = { 90000000, 240000000, 42000 },
				 .missed = 3,
				 .flags = 4 | 8 | 128 }; /* rdwr, append, direct */
	must(store_put_file(r->store, &f, &err), &err);
}

#define WRITES                                                                                     \
	"cbpf-ior;main;transfer_one;write;entry_SYSCALL_64_after_hwframe_[k];do_syscall_64_[k];"   \
	"vfs_write_[k];"

static const struct store_profile_stack stacks[] = {
	{ FAKE_VICTIM, "cbpf-ior;main;pattern_fill", 6 },
	{ FAKE_VICTIM, WRITES "copy_user_enhanced_fast_string_[k]", 11 },
	{ FAKE_VICTIM, WRITES "ext4_file_write_iter_[k]", 4 },
	{ FAKE_VICTIM, "cbpf-ior;main;walk;walk;walk", 2 },
	{ FAKE_VICTIM, "cbpf-ior;main;[libmpi.so.40+0x1f3a0]", 1 },
	{ FAKE_VICTIM, "[no room]", 1 },
	{ FAKE_NEIGHBOUR, "dd;main;std::vector<int, std::allocator<int> >::push_back(int const&)",
	  5 },
	{ FAKE_NEIGHBOUR, "dd;main;read;vfs_read_[k]", 10 },
};

/* 4 CPUs for 0.4 s; two samples fewer than there should be. */
const struct store_profile fake_profile = {
	.frequency_hz = 99,
	.samples = 156,
	.expected = 158,
	.idle = 109,
	.others = 7,
	.lost = 1,
	.stacks = stacks,
	.n_stacks = ARRAY_SIZE(stacks),
};

void fake_run_put_whole(struct fake_run *r)
{
	struct err err = { 0 };

	put_files(r);
	must(store_put_profile(r->store, &fake_profile, &err), &err);
}
