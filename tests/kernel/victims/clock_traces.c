/* Leaves on its stack every address that a call through the vDSO could leave there, as uninitialised variables do, and
   then waits for ever. Prints one line when it does: 0 */
#include <stdint.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <unistd.h>

#define IMAGE_BYTES 16384

int main(void) {
  volatile uint64_t traces[IMAGE_BYTES / 8];
  const uint64_t vdso = getauxval(AT_SYSINFO_EHDR);
  for (int i = 0; i < IMAGE_BYTES / 8; ++i) traces[i] = vdso + (uint64_t)i * 8;
  printf("0\n");
  fflush(stdout);
  for (;;) pause();
  return (int)traces[0];
}
