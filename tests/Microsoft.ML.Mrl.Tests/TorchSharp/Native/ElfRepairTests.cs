using Microsoft.ML.Mrl.TorchSharp.Native;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Native;

public class ElfRepairTests
{
    [Theory]
    [InlineData(ElfFileBuilder.Headers.AtTheEnd)]
    [InlineData(ElfFileBuilder.Headers.BeforeTheSections)]
    public void Repair_SymbolAtOneVersion_RewritesNameVersionAndHash(ElfFileBuilder.Headers headers)
    {
        byte[] file = new ElfFileBuilder { SectionHeaders = headers }.Build();
        byte[] before = [.. file];

        byte[]? repaired = ElfRepair.Repair(file).Repaired;

        Assert.NotNull(repaired);
        Assert.Equal(before, file);
        Assert.Equal(file.Length, repaired.Length);
        Assert.Equal([("memcpy", 3), ("_ZNSt8ios_base4InitC1Ev", 2), ("_ZNSt8ios_baseD2Ev", 2)], ElfView.Symbols(repaired));
        // 0x08922974 is what readelf and the loader know GLIBCXX_3.4 by.
        Assert.Equal(
            [("GLIBCXX_3.4.30", ElfFileBuilder.Hash("GLIBCXX_3.4.30"), 5), ("GLIBCXX_3.4", 0x08922974u, 4),
                ("GLIBCXX_3.4", 0x08922974u, 2)],
            ElfView.Versions(repaired));
    }

    [Fact]
    public void Repair_RepairedFile_NeedsNothingMore()
    {
        byte[] repaired = ElfRepair.Repair(new ElfFileBuilder().Build()).Repaired!;

        Assert.False(ElfRepair.Repair(repaired).IsNeeded);
    }

    [Fact]
    public void Repair_HiddenVersionBit_IsNoPartOfTheIndex()
    {
        byte[] file = new ElfFileBuilder { Symbols = [(ElfRepair.NewerSymbol, 0x8004)] }.Build();

        byte[] repaired = ElfRepair.Repair(file).Repaired!;

        Assert.Equal([(ElfRepair.OlderSymbol, 2)], ElfView.Symbols(repaired));
    }

    [Fact]
    public void Repair_VersionNotNeeded_ReportsNothingToRepair()
    {
        byte[] file = new ElfFileBuilder { Versions = [("GLIBCXX_3.4.30", 4), ("GLIBCXX_3.4", 2)] }.Build();

        Assert.Same(ElfRepairResult.NotNeeded, ElfRepair.Repair(file));
    }

    [Fact]
    public void Repair_NoVersionsAtAll_ReportsNothingToRepair() =>
        Assert.Same(ElfRepairResult.NotNeeded, ElfRepair.Repair(new ElfFileBuilder { HasVersionNeeds = false }.Build()));

    [Fact]
    public void Repair_VersionOfAnotherLibrary_ReportsNothingToRepair() =>
        Assert.Same(ElfRepairResult.NotNeeded, ElfRepair.Repair(new ElfFileBuilder { Library = "libother.so.1" }.Build()));

    [Fact]
    public void Repair_TwoSymbolsAtTheVersion_Refuses() => AssertRefused(
        new() { Symbols = [("_ZSt21ios_base_library_initv", 4), ("_ZSomethingElse", 4)] }, "2 symbols of version GLIBCXX_3.4.32");

    [Fact]
    public void Repair_NoSymbolAtTheVersion_Refuses() =>
        AssertRefused(new() { Symbols = [("memcpy", 3)] }, "0 symbols of version GLIBCXX_3.4.32");

    [Fact]
    public void Repair_AnotherSymbolAtTheVersion_Refuses() =>
        AssertRefused(new() { Symbols = [("_ZSomethingElse", 4)] }, "'_ZSomethingElse'");

    [Fact]
    public void Repair_DefinedSymbol_Refuses() => AssertRefused(new() { DefinedIn = 7 }, "of section 7");

    [Fact]
    public void Repair_StillNewerVersion_Refuses() => AssertRefused(
        new() { Versions = [("GLIBCXX_3.4.33", 5), ("GLIBCXX_3.4.32", 4), ("GLIBCXX_3.4", 2)] }, "needs GLIBCXX_3.4.33");

    [Fact]
    public void Repair_NoOlderVersion_Refuses() =>
        AssertRefused(new() { Versions = [("GLIBCXX_3.4.32", 4)] }, "not GLIBCXX_3.4 of libstdc++.so.6");

    [Fact]
    public void Repair_VersionNamedTwice_Refuses() => AssertRefused(
        new() { Versions = [("GLIBCXX_3.4.32", 4), ("GLIBCXX_3.4.32", 5), ("GLIBCXX_3.4", 2)] }, "twice");

    [Fact]
    public void Repair_NameIsTailOfALongerOne_Refuses() => AssertRefused(new() { SymbolNamePrefix = "prefix" }, "part of a longer one");

    [Fact]
    public void Repair_NameHasATailThatIsAnotherName_Refuses() => AssertRefused(
        new() { Symbols = [("_ZSt21ios_base_library_initv", 4), ("library_initv", 3)], SharesTails = true }, "shared with another one");

    [Fact]
    public void Repair_32Bit_Refuses() => AssertRefused(new() { Class = 1 }, "class 1");

    [Fact]
    public void Repair_BigEndian_Refuses() => AssertRefused(new() { ByteOrder = 2 }, "byte order 2");

    [Fact]
    public void Repair_Arm64_Refuses() => AssertRefused(new() { Machine = 183 }, "machine 183");

    [Fact]
    public void Repair_Executable_Refuses() => AssertRefused(new() { Type = 2 }, "type 2");

    [Theory]
    [InlineData("")]
    [InlineData("MZ")]
    [InlineData("not an ELF file, but long enough to hold the header of one, which has 64 bytes")]
    public void Repair_NotElf_Refuses(string text)
    {
        var e = Assert.Throws<ElfRepairException>(() => ElfRepair.Repair(System.Text.Encoding.ASCII.GetBytes(text)));

        Assert.Contains("not an ELF file", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ElfFileBuilder.Headers.AtTheEnd)]
    [InlineData(ElfFileBuilder.Headers.BeforeTheSections)]
    public void Repair_CutAnywhere_Refuses(ElfFileBuilder.Headers headers)
    {
        byte[] file = new ElfFileBuilder { SectionHeaders = headers }.Build();

        for (int length = 0; length < file.Length; length++)
        {
            Assert.Throws<ElfRepairException>(() => ElfRepair.Repair(file.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData(ElfFileBuilder.Headers.AtTheEnd)]
    [InlineData(ElfFileBuilder.Headers.BeforeTheSections)]
    public void Repair_OneByteChanged_SucceedsOrRefuses(ElfFileBuilder.Headers headers)
    {
        byte[] file = new ElfFileBuilder { SectionHeaders = headers }.Build();
        var random = new Random(20221);
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] changed = [.. file];
            changed[random.Next(file.Length)] = (byte)random.Next(256);
            refused += IsRefused(changed) ? 1 : 0;
        }
        Assert.InRange(refused, 1, 19_999);
    }

    [Fact]
    public void Repair_EveryByteAtItsExtremes_SucceedsOrRefuses()
    {
        byte[] file = new ElfFileBuilder().Build();
        int refused = 0;
        for (int i = 0; i < file.Length; i++)
        {
            foreach (byte value in (byte[])[0, 1, 0x7f, 0x80, 0xff])
            {
                byte[] changed = [.. file];
                changed[i] = value;
                refused += IsRefused(changed) ? 1 : 0;
            }
        }
        Assert.True(refused > 0);
    }

    // Any other exception fails the test.
    private static bool IsRefused(byte[] file)
    {
        try
        {
            ElfRepairResult result = ElfRepair.Repair(file);
            Assert.True(result.Repaired is null || result.Repaired.Length == file.Length);
            return false;
        }
        catch (ElfRepairException)
        {
            return true;
        }
    }

    private static void AssertRefused(ElfFileBuilder builder, string found)
    {
        byte[] file = builder.Build();

        var e = Assert.Throws<ElfRepairException>(() => ElfRepair.Repair(file));

        Assert.Contains(found, e.Message, StringComparison.Ordinal);
        Assert.Contains("Update the system's libstdc++ to the one of GCC 13 or newer", e.Message, StringComparison.Ordinal);
    }
}
