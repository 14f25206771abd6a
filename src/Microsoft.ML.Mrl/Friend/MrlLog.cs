using Microsoft.ML.Runtime;

namespace Microsoft.ML.Mrl.Friend;

/// <summary>
/// Writes messages of one component to <c>mlContext.Log</c>. The training project uses it, since it cannot access ML.NET's internal
/// members.
/// </summary>
internal sealed class MrlLog : IDisposable
{
    private readonly IChannel _channel;
    private readonly List<(bool IsWarning, string Message)>? _held;
    private readonly string _subject;

    /// <param name="host">The host of the component.</param>
    /// <param name="component">Its name.</param>
    public MrlLog(IHost host, string component)
        : this(host.Start(component), held: null, "")
    {
    }

    private MrlLog(IChannel channel, List<(bool IsWarning, string Message)>? held, string subject)
    {
        _channel = channel;
        _held = held;
        _subject = subject;
    }

    /// <summary>
    /// A log of one of several things that go on side by side: it keeps its messages, for one thread to <see cref="Release"/> them in an
    /// order that is always the same.
    /// </summary>
    public MrlLog Hold() => new(_channel, [], _subject);

    /// <summary>The same log, each message beginning with what it is about, where a component trains several things.</summary>
    /// <param name="subject">What the messages are about, such as "The head".</param>
    public MrlLog About(string subject) => new(_channel, _held, $"{_subject}{subject}: ");

    /// <summary>Writes what was held.</summary>
    public void Release()
    {
        foreach ((bool isWarning, string message) in _held ?? [])
        {
            Write(isWarning, message);
        }
        _held?.Clear();
    }

    public void Info(string message) => Take(isWarning: false, message);

    public void Warning(string message) => Take(isWarning: true, message);

    public void Dispose() => _channel.Dispose();

    private void Take(bool isWarning, string text)
    {
        string message = _subject + text;
        if (_held is null)
        {
            Write(isWarning, message);
        }
        else
        {
            _held.Add((isWarning, message));
        }
    }

    private void Write(bool isWarning, string message)
    {
        if (isWarning)
        {
            _channel.Warning(message);
        }
        else
        {
            _channel.Info(message);
        }
    }
}
