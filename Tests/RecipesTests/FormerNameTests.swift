import Foundation
import Recipes
import Testing

@Suite struct FormerNameTests {
  @Test func formerKeysAndWordsAreUnderstoodAndTold() throws {
    var renamings = Renamings()
    let recipe = try toys.read("[model]\nink = \"azure\"\n[layers.a]\npaint = \"red\"", &renamings)
    #expect(recipe.model.paintColour == .blue && recipe.layers["a"]?.paintColour == .red)
    #expect(
      renamings.notice(in: "old.toml")
        == "old.toml uses former names: \"ink\" is now \"paint-colour\", \"azure\" is now \"blue\","
        + " \"paint\" is now \"paint-colour\"")
  }

  @Test func aWordForSeveralSettingsNamesThemAll() throws {
    var renamings = Renamings()
    let recipe = try toys.read("[layers.a]\npaint-colour = \"much-blue\"", &renamings)
    #expect(recipe.layers["a"]?.named == ["paint-colour", "amount"])
    #expect(recipe.settings(for: "a").amount == 0.75)
    #expect(
      renamings.notice(in: "x")?.contains("\"much-blue\" is now \"amount=0.75 paint-colour=blue\"") == true)
  }

  @Test func presentNamesAreNotRemarkedOn() throws {
    var renamings = Renamings()
    _ = try toys.read("[model]\namount = 1\npaint-colour = \"blue\"\ntrim = \"blue\"", &renamings)
    #expect(renamings.isEmpty && renamings.notice(in: "x") == nil)
  }

  @Test func aSettingGivenByBothNamesIsRefused() {
    var renamings = Renamings()
    #expect(throws: RecipeError.givenTwice(key: "[model] paint-colour", former: "ink")) {
      try toys.read("[model]\nink = \"red\"\npaint-colour = \"blue\"", &renamings)
    }
  }

  @Test func formerNamesOnTheCommandLineAreTold() throws {
    var renamings = Renamings()
    let (name, override) = try toys.override(ofLayer: "a:b:paint=azure, amount=0.5", &renamings)
    #expect(name == "a:b" && override.paintColour == .blue && override.amount == 0.5)
    #expect(!renamings.isEmpty)
  }

  @Test func decodersTellOfFormerNames() throws {
    struct Stored: Codable {
      var override: LayerOverride
      init(from decoder: any Decoder) throws { override = try toys.override(from: decoder) }
      func encode(to encoder: any Encoder) throws { try toys.encode(override, to: encoder) }
    }
    let log = RenamingLog()
    let decoder = JSONDecoder()
    decoder.userInfo[try #require(CodingUserInfoKey.renamings)] = log
    let old = #"{"quantization": {"ink": "azure"}, "amount": 0.5, "unknown": [1]}"#
    let stored = try decoder.decode(Stored.self, from: Data(old.utf8))
    #expect(stored.override.paintColour == .blue && stored.override.amount == 0.5)
    #expect(log.renamings.notice(in: "s")?.contains("\"ink\" is now \"paint-colour\"") == true)
    let again = RenamingLog()
    decoder.userInfo[try #require(CodingUserInfoKey.renamings)] = again
    _ = try decoder.decode(Stored.self, from: JSONEncoder().encode(stored))
    #expect(again.renamings.isEmpty)
    #expect(throws: DecodingError.self) {
      try decoder.decode(Stored.self, from: Data(#"{"amount": 2}"#.utf8))
    }
  }
}
