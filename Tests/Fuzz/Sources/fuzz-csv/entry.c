// libFuzzer's entry point for the csv reader (https://llvm.org/docs/LibFuzzer.html); it brings its own main.
#include <stddef.h>
#include <stdint.h>

void paretop_fuzz_csv(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  paretop_fuzz_csv(bytes, count);
  return 0;
}
