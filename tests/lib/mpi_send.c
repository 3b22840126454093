// SPDX-License-Identifier: Apache-2.0
/* mpi_send BYTES: rank 0 sends as much to rank 1, in one message. */
#include <mpi.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	int rank, n = argc > 1 ? atoi(argv[1]) : 0;
	char *message;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	message = calloc(1, n);
	if (!message)
		MPI_Abort(MPI_COMM_WORLD, 1);
	if (rank == 0)
		MPI_Send(message, n, MPI_CHAR, 1, 0, MPI_COMM_WORLD);
	else
		MPI_Recv(message, n, MPI_CHAR, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	free(message);
	MPI_Finalize();
	return 0;
}
