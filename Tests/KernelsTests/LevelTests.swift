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

  @Test func namesObeyTheGrammar() {
    let grammar =
      /[a-z0-9]+_(gemm|gemv|unpack|quads|pack|pack_quads|pack_pairs|spmv|spmm|conv|depthwise3?|peak|read|block|pattern\dof\d|fix|fixed)(_\d+x\d+)?_([a-z0-9]+)/
    for kernel in KernelDescription.all {
      let match = kernel.name.wholeMatch(of: grammar)
      #expect(match.map { String($0.3) } == kernel.level.name, "\(kernel.name)")
    }
  }
}
