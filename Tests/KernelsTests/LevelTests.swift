import Kernels
import Testing

@Suite struct LevelTests {
  @Test func environmentLowersTheLevel() throws {
    #expect(try CPUFeatureLevel.selected(environment: [:]) == .detected)
    #expect(try CPUFeatureLevel.selected(environment: ["PARETOP_CPU": ""]) == .detected)
    for level in levels {
      #expect(try CPUFeatureLevel.selected(environment: ["PARETOP_CPU": level.name.uppercased()]) == level)
    }
  }

  @Test func refusesWhatIsUnknownOrMissing() {
    let error = #expect(throws: KernelsError.self) {
      try CPUFeatureLevel.selected(environment: ["PARETOP_CPU": "sse9"])
    }
    #expect(error == .unknownFeatureLevel(found: "sse9", choices: levels.map(\.name)))
    #expect(error?.description.contains("portable") == true)
    for level in CPUFeatureLevel.allCases where level > .detected {
      #expect(
        throws: KernelsError.featureLevelNotAvailable(
          found: level.name, highest: CPUFeatureLevel.detected.name)
      ) {
        try CPUFeatureLevel.selected(environment: ["PARETOP_CPU": level.name])
      }
    }
  }

  /// Of `ck_matrix.h`; the tile in a name is the one the list has.
  @Test func namesObeyTheGrammar() throws {
    let grammar =
      /[a-z0-9]+_(gemm|gemv|unpack|quads|pack|pack_quads|pack_pairs|spmv|spmm|conv|depthwise3?|peak|read|block|pattern\dof\d|fix|fixed)(_(\d+)x(\d+))?_([a-z0-9]+)/
    for kernel in KernelDescription.all {
      let match = try #require(kernel.name.wholeMatch(of: grammar), "\(kernel.name)")
      #expect(String(match.5) == kernel.level.name, "\(kernel.name)")
      guard let rows = match.3, let outputs = match.4.flatMap({ Int($0) }) else { continue }
      #expect(Int(rows) == kernel.rows && (outputs + 15) / 16 == kernel.panels, "\(kernel.name)")
    }
  }

  /// Of `ck_vector.h`: types, an operation of words, and for two operands its form.
  @Test func vectorNamesObeyTheGrammar() {
    let grammar = /(f32|f16|bf16|u8|s8|s32)(_[a-z0-9]+)+/
    for name in VectorTable.names { #expect(name.wholeMatch(of: grammar) != nil, "\(name)") }
  }
}
