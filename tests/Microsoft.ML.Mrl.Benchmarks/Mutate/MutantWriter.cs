using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Microsoft.ML.Mrl.Benchmarks.Mutate;

/// <summary>
/// Puts all mutants of a file into it, each behind a question whether it is the active one, so that the project is compiled once for all of
/// them.
/// </summary>
/// <param name="file">The file, relative to the repository.</param>
/// <param name="refused">Mutants that do not compile.</param>
/// <param name="mutants">Takes the mutants, numbered in the order of the source whether they are refused or not.</param>
internal sealed class MutantWriter(string file, IReadOnlySet<int> refused, List<Mutant> mutants) : CSharpSyntaxRewriter
{
    private static readonly Dictionary<SyntaxKind, (SyntaxKind Kind, SyntaxKind Token)> s_binary = new()
    {
        [SyntaxKind.AddExpression] = (SyntaxKind.SubtractExpression, SyntaxKind.MinusToken),
        [SyntaxKind.SubtractExpression] = (SyntaxKind.AddExpression, SyntaxKind.PlusToken),
        [SyntaxKind.MultiplyExpression] = (SyntaxKind.DivideExpression, SyntaxKind.SlashToken),
        [SyntaxKind.DivideExpression] = (SyntaxKind.MultiplyExpression, SyntaxKind.AsteriskToken),
        [SyntaxKind.ModuloExpression] = (SyntaxKind.MultiplyExpression, SyntaxKind.AsteriskToken),
        [SyntaxKind.LessThanExpression] = (SyntaxKind.LessThanOrEqualExpression, SyntaxKind.LessThanEqualsToken),
        [SyntaxKind.LessThanOrEqualExpression] = (SyntaxKind.LessThanExpression, SyntaxKind.LessThanToken),
        [SyntaxKind.GreaterThanExpression] = (SyntaxKind.GreaterThanOrEqualExpression, SyntaxKind.GreaterThanEqualsToken),
        [SyntaxKind.GreaterThanOrEqualExpression] = (SyntaxKind.GreaterThanExpression, SyntaxKind.GreaterThanToken),
        [SyntaxKind.EqualsExpression] = (SyntaxKind.NotEqualsExpression, SyntaxKind.ExclamationEqualsToken),
        [SyntaxKind.NotEqualsExpression] = (SyntaxKind.EqualsExpression, SyntaxKind.EqualsEqualsToken),
        [SyntaxKind.LogicalAndExpression] = (SyntaxKind.LogicalOrExpression, SyntaxKind.BarBarToken),
        [SyntaxKind.LogicalOrExpression] = (SyntaxKind.LogicalAndExpression, SyntaxKind.AmpersandAmpersandToken),
    };

    public override SyntaxNode? Visit(SyntaxNode? node) =>
        node is AttributeListSyntax or PatternSyntax or SwitchLabelSyntax or ThrowStatementSyntax
        or ThrowExpressionSyntax or InterpolatedStringExpressionSyntax or EnumMemberDeclarationSyntax or ParameterListSyntax
        || (node is FieldDeclarationSyntax field && field.Modifiers.Any(SyntaxKind.ConstKeyword))
        || (node is LocalDeclarationStatementSyntax { IsConst: true })
        || IsToString(node) ? node : base.Visit(node);

    public override SyntaxNode? VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        var inside = (BinaryExpressionSyntax)base.VisitBinaryExpression(node)!;
        if (!s_binary.TryGetValue(node.Kind(), out (SyntaxKind Kind, SyntaxKind Token) other) || Declares(node))
        {
            return inside;
        }
        SyntaxToken token = Token(node.OperatorToken.LeadingTrivia, other.Token, node.OperatorToken.TrailingTrivia);
        return Choice(node, inside, BinaryExpression(other.Kind, node.Left, token, node.Right));
    }

    public override SyntaxNode? VisitPrefixUnaryExpression(PrefixUnaryExpressionSyntax node)
    {
        var inside = (PrefixUnaryExpressionSyntax)base.VisitPrefixUnaryExpression(node)!;
        return node.Kind() is SyntaxKind.LogicalNotExpression or SyntaxKind.UnaryMinusExpression
            && !Declares(node) ? Choice(node, inside, node.Operand) : inside;
    }

    public override SyntaxNode? VisitLiteralExpression(LiteralExpressionSyntax node)
    {
        if (node.IsKind(SyntaxKind.NumericLiteralExpression))
        {
            return Choice(node, node, ParseExpression($"{node.Token.Text} + 1"));
        }
        return node.Kind() is SyntaxKind.TrueLiteralExpression or SyntaxKind.FalseLiteralExpression
            ? Choice(node, node, ParseExpression(node.IsKind(SyntaxKind.TrueLiteralExpression) ? "false" : "true"))
            : node;
    }

    public override SyntaxNode? VisitConditionalExpression(ConditionalExpressionSyntax node)
    {
        var inside = (ConditionalExpressionSyntax)base.VisitConditionalExpression(node)!;
        return Declares(node.Condition) ? inside : inside.WithCondition(Choice(node.Condition, inside.Condition, Negation(node.Condition)));
    }

    public override SyntaxNode? VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        var inside = (InvocationExpressionSyntax)base.VisitInvocationExpression(node)!;
        if (node.Expression is not MemberAccessExpressionSyntax { Name: IdentifierNameSyntax name } member
            || name.Identifier.Text is not ("Max" or "Min") || Declares(node))
        {
            return inside;
        }
        string other = name.Identifier.Text == "Max" ? "Min" : "Max";
        return Choice(node, inside, node.WithExpression(member.WithName(IdentifierName(other))));
    }

    public override SyntaxNode? VisitAssignmentExpression(AssignmentExpressionSyntax node)
    {
        var inside = (AssignmentExpressionSyntax)base.VisitAssignmentExpression(node)!;
        return node.Kind() is SyntaxKind.AddAssignmentExpression or SyntaxKind.SubtractAssignmentExpression && !Declares(node)
            ? inside.WithRight(
                Choice(node.Right, inside.Right,
                PrefixUnaryExpression(SyntaxKind.UnaryMinusExpression, ParenthesizedExpression(node.Right))))
            : inside;
    }

    public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node)
    {
        var inside = (ExpressionStatementSyntax)base.VisitExpressionStatement(node)!;
        if (node.Expression is not InvocationExpressionSyntax || Declares(node) || !Add(node, "nothing", out int number))
        {
            return inside;
        }
        return ParseStatement($"if ({Question(number)}) {{ }} else {{ {inside.ToFullString()} }}\n");
    }

    private static bool IsToString(SyntaxNode? node) =>
        node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.Text: "ToString" } }
        or InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "nameof" } };

    private static bool Declares(SyntaxNode node) => node.DescendantNodesAndSelf()
        .Any(part => part is DeclarationExpressionSyntax or DeclarationPatternSyntax
        or SingleVariableDesignationSyntax or VarPatternSyntax);

    private static PrefixUnaryExpressionSyntax Negation(ExpressionSyntax condition) =>
        PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, ParenthesizedExpression(condition));

    private static string Question(int number) => $"global::MrlMutant.Is({number})";

    private ExpressionSyntax Choice(ExpressionSyntax node, ExpressionSyntax inside, ExpressionSyntax instead) =>
        Add(node, instead.ToString(), out int number)
        ? ParseExpression($"({Question(number)} ? ({instead.ToFullString()}) : ({inside.ToFullString()}))")
        : inside;

    private bool Add(SyntaxNode node, string after, out int number)
    {
        number = mutants.Count + 1;
        int line = node.SyntaxTree.GetLineSpan(node.Span).StartLinePosition.Line + 1;
        mutants.Add(new Mutant(number, file, line, node.ToString(), after));
        return !refused.Contains(number);
    }
}
