// libFuzzer's entry point for the onnx reader (https://llvm.org/docs/LibFuzzer.html); it brings its own main.
#include <stddef.h>
#include <stdint.h>

void paretop_fuzz_onnx(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  paretop_fuzz_onnx(bytes, count);
  return 0;
}
