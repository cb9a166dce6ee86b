// libFuzzer's entry point for the npz reader (https://llvm.org/docs/LibFuzzer.html); it brings its own main.
#include <stddef.h>
#include <stdint.h>

void paretop_fuzz_npz(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  paretop_fuzz_npz(bytes, count);
  return 0;
}
