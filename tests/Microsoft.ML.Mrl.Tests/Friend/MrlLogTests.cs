using Microsoft.ML.Mrl.Friend;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Tests.Friend;

public sealed class MrlLogTests
{
    private readonly MLContext _ml = new();
    private readonly List<(ChannelMessageKind Kind, string Message)> _told = [];

    public MrlLogTests() => _ml.Log += (_, e) => _told.Add((e.Kind, e.RawMessage));

    [Fact]
    public void About_MessagesBeginWithTheSubject_ThoseOfTheLogItselfDoNot()
    {
        using var log = new MrlLog(((IHostEnvironment)_ml).Register("test"), "test");
        _told.Clear();

        log.About("The head").Warning("It is refused.");
        log.Warning("It is refused.");

        Assert.Equal(
            [(ChannelMessageKind.Warning, "The head: It is refused."), (ChannelMessageKind.Warning, "It is refused.")], _told);
    }

    [Fact]
    public void About_OfAndBeforeAHeldLog_IsWrittenAtItsRelease()
    {
        using var log = new MrlLog(((IHostEnvironment)_ml).Register("test"), "test");
        MrlLog held = log.About("The head").Hold();
        _told.Clear();

        held.Info("One.");
        held.About("Its rate").Info("Two.");
        Assert.Empty(_told);
        held.Release();

        Assert.Equal(["The head: One.", "The head: Its rate: Two."], _told.Select(line => line.Message));
    }
}
