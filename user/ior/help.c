// SPDX-License-Identifier: Apache-2.0
/* The short help and the manual page. */
#include "ior/help.h"

#include <string.h>

#include "ior/options.h"

static const char *metavar(const struct ior_row *row)
{
	switch (row->kind) {
	case ROW_INT: return "N";
	case ROW_SIZE: return "SIZE";
	case ROW_TEXT: return "PATH";
	case ROW_CHOICE: return "WORD";
	default: return "";
	}
}

void ior_help(FILE *f)
{
	fputs("cbpf-ior " IOR_VERSION ": an IOR-compatible parallel I/O benchmark\n\n"
	      "usage: [mpirun -np N] cbpf-ior [OPTION]...\n\n"
	      "Without -w, -r, -W and -R it writes and reads. Sizes take k, m, g, t (powers of "
	      "1024).\n\n"
	      "Options (also as -O NAME=VALUE,... or --NAME=VALUE):\n",
	      f);
	for (const struct ior_row *row = ior_rows; row->name; row++) {
		char left[64];

		if (ior_row_refused(row))
			continue;
		if (row->letter)
			snprintf(left, sizeof(left), "-%c %s", row->letter, metavar(row));
		else
			snprintf(left, sizeof(left), "   %s", metavar(row));
		fprintf(f, "  %-8s %-30s %s", left, row->name, row->help);
		if (row->preset && strcmp(row->preset, "0"))
			fprintf(f, " [%s]", row->preset);
		fputc('\n', f);
	}
	fputs("\nOptions of IOR that cbpf-ior refuses:", f);
	for (const struct ior_row *row = ior_rows; row->name; row++)
		if (ior_row_refused(row) && row->letter)
			fprintf(f, " -%c", row->letter);
	fputs(", backends other than POSIX and MPIIO, GPU buffers.\n\n"
	      "Exit status: 0 when everything worked and the data was right, 1 otherwise.\n",
	      f);
}

static void man_option(FILE *f, const struct ior_row *row)
{
	const char *value = metavar(row);

	fputs(".It ", f);
	if (row->letter)
		fprintf(f, "Fl %c%s%s , ", row->letter, value[0] ? " Ar " : "", value);
	fprintf(f, "Fl Fl %s%s%s\n%s", row->name, value[0] ? " Ns = Ns Ar " : "", value, row->help);
	if (row->preset && strcmp(row->preset, "0"))
		fprintf(f, " (preset: %s)", row->preset);
	fputs(".\n", f);
}

static const char man_head[] =
	".\\\" SPDX-License-Identifier: Apache-2.0\n"
	".Dd " CBPF_DATE "\n.Dt CBPF-IOR 1\n.Os\n"
	".Sh NAME\n.Nm cbpf-ior\n.Nd IOR-compatible parallel I/O benchmark\n"
	".Sh SYNOPSIS\n.Nm\n.Op Ar option ...\n"
	".Nm mpirun\n.Fl np Ar N\n.Nm cbpf-ior\n.Op Ar option ...\n"
	".Sh DESCRIPTION\n"
	"Moves data between MPI ranks and files and says how fast, with IOR's\n"
	"options, layout of files and output, so that what reads IOR's output reads\n"
	"this.\n"
	"Without\n.Xr mpirun 1\nit is a single rank.\n.Pp\n"
	"Each repetition writes, checks what was written, reads, and removes the\n"
	"files, as far as\n"
	".Fl w , W , r , R\nand\n.Fl k\nsay; without the first four it writes and reads.\n"
	"Sizes take k, m, g and t, powers of 1024.\n"
	"Each option may also be given as\n.Fl O Ar name Ns = Ns Ar value , Ns ...\n.Pp\n"
	"The options are:\n.Bl -tag -width indent\n";

static const char man_files[] =
	".Sh FILES\n"
	"A shared file holds segments times tasks times block bytes; with\n.Fl F\n"
	"each task has a file with a suffix of its rank in eight digits, which holds\n"
	"segments times block bytes.\n"
	"With\n.Fl m\neach repetition has files of its own, with a further suffix of its number,\n"
	"from 0 on.\n.Pp\n"
	"The first of each 64 words of 8 bytes of a transfer is the word's offset in\n"
	"the file, exclusive-or the file's number in the upper 16 bits.\n"
	"The other words are, with p the word's position in the transfer in bytes:\n"
	".Bl -tag -width incompressible\n"
	".It generic\nthe signature in the upper half, p in the lower.\n"
	".It offset\np.\n"
	".It timestamp\nthe signature in both halves.\n"
	".It incompressible , random\n"
	"pseudo-random, seeded by the signature; the first word is mixed too.\n.El\n.Pp\n"
	"A reader takes the signature from the first transfer when neither\n.Fl G\nnor\n.Fl w\n"
	"is given.\n";

static const char man_tail[] =
	".Sh EXIT STATUS\n.Bl -tag -width 4n\n"
	".It 0\neverything worked, and the data was right.\n"
	".It 1\nanything else; one line on standard error says what.\n.El\n"
	".Sh SEE ALSO\n.Xr cbpf 1 ,\n.Xr mpirun 1\n"
	".Sh STANDARDS\n"
	"Differs from IOR in these points:\n.Bl -bullet\n"
	".It\nThe exit status does not wrap around with the number of errors.\n"
	".It\n.Fl Y\nissues one\n.Xr fsync 2\nper write, not two.\n"
	".It\n.Fl r\nafter a stonewalled\n.Fl w\nreads what was written, and no more.\n"
	".It\n.Fl Z\nlets each task's data be read exactly once.\n"
	".It\nA path of\n.Fl o\nmay hold an @, which does not part names.\n"
	".It\nWhat is no regular file is never removed.\n"
	".It\nWhat a failed write phase left behind is removed, unless\n.Fl k\nis given.\n"
	".It\nResults in JSON also have bytes, iter, beginNs and endNs, the latter two in\n"
	"CLOCK_MONOTONIC of the first rank's host; a failed run has the key Error,\n"
	"and without all its phases it lacks Finished.\n"
	".It\nWith JSON or CSV on standard output, warnings go to standard error.\n.El\n";

void ior_man(FILE *f)
{
	fputs(man_head, f);
	for (const struct ior_row *row = ior_rows; row->name; row++)
		if (!ior_row_refused(row))
			man_option(f, row);
	fputs(".It Fl Fl man\nprint this page.\n.El\n.Pp\nThese options of IOR are refused:\n", f);
	for (const struct ior_row *row = ior_rows; row->name; row++)
		if (ior_row_refused(row) && row->letter)
			fprintf(f, ".Fl %c\n", row->letter);
	fputs("as are backends other than POSIX and MPIIO and buffers on a GPU.\n", f);
	fputs(man_files, f);
	fputs(man_tail, f);
}
