// SPDX-License-Identifier: Apache-2.0
/*
 * Attaches all programs of a BPF object until it is killed, for benches:
 *   drive_bpf OBJECT
 */
#include <bpf/libbpf.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct bpf_object *object = argc == 2 ? bpf_object__open(argv[1]) : NULL;
	struct bpf_program *program;

	if (!object || bpf_object__load(object)) {
		fprintf(stderr, "drive_bpf: cannot load %s\n", argc == 2 ? argv[1] : "nothing");
		return 1;
	}
	bpf_object__for_each_program(program, object)
	{
		if (!bpf_program__attach(program))
			return 1;
	}
	signal(SIGINT, SIG_DFL); /* shells have it ignored in the background */
	pause();
	return 0;
}
